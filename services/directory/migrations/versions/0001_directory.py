"""The directory: own offerings behind the wall, the public list, agencies' names, and the fold that lets scripts meet.

pg_trgm is a trusted extension: the owner role creates it, since it owns the database.
"""

from alembic import op

from services.chassis.migrations import create_context, create_inbox, create_outbox, protect

revision = "0001"
down_revision = None

# One letter for one letter, both cases (lower() depends on the database's locale, this does not).
# ў is oʻ in Uzbek Latin; j, ž and ж, ҷ are one sound to a searcher; q, k, қ and x, h, ҳ likewise.
_LETTERS = {
    "абвгғдеёжҷзиійкқлмнңоөўпрстуүұӯфхҳһцчшщыэәӣ": "abvggdeejjziiikklmnnoooprstuuuufhhhccssieai",
    "žwqxyıəýÿ": "jvkhiiaii",
}
_PAIRS = (("zh", "j"), ("dj", "j"), ("kh", "h"), ("gh", "g"), ("sh", "s"), ("ch", "c"), ("ts", "c"))

_SHARED = """
    country text NOT NULL, district text NOT NULL, service text NOT NULL,
    name_en text NOT NULL, name_ru text NOT NULL, description_en text, description_ru text,
    languages text[] NOT NULL, sexes text[] NOT NULL, age_bands text[] NOT NULL,
    minimum_age int, maximum_age int,
    with_children text NOT NULL, around_the_clock text NOT NULL, any_nationality text NOT NULL,
    victim_status_required text NOT NULL,
    available int, maximum int, capacity_updated_at timestamptz,
    CHECK ((available IS NULL) = (capacity_updated_at IS NULL)),
    CHECK ((description_en IS NULL) = (description_ru IS NULL))"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    create_context(op, "directory")
    create_outbox(op, "directory")
    create_inbox(op, "directory")
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute(_fold())
    op.execute(
        """CREATE TABLE agency (
            agency_id text PRIMARY KEY, country text, kind text NOT NULL,
            name_en text NOT NULL, name_ru text NOT NULL, district text, suspended_at timestamptz,
            folded text GENERATED ALWAYS AS (fold(name_en || ' ' || name_ru)) STORED)"""
    )
    op.execute("CREATE INDEX agency_words ON agency USING gin (folded gin_trgm_ops)")
    op.execute("GRANT SELECT, INSERT, UPDATE ON agency TO directory_app")
    _create_published_offering()
    op.execute(
        f"""CREATE TABLE service_offering (
            agency_id text NOT NULL, service_offering_id uuid NOT NULL, {_SHARED},
            private_address text, private_contact text,
            status text NOT NULL CHECK (status IN ('published', 'withdrawn')),
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (agency_id, service_offering_id))"""
    )
    protect(op, "service_offering", "directory", grants="SELECT, INSERT, UPDATE")


def _create_published_offering() -> None:
    op.execute(
        f"""CREATE TABLE published_offering (
            service_offering_id uuid PRIMARY KEY, agency_id text NOT NULL, {_SHARED},
            keywords text NOT NULL,
            folded text GENERATED ALWAYS AS (fold(name_en || ' ' || name_ru || ' ' || coalesce(description_en, '')
                || ' ' || coalesce(description_ru, '') || ' ' || keywords)) STORED)"""
    )
    op.execute("CREATE INDEX published_offering_words ON published_offering USING gin (folded gin_trgm_ops)")
    op.execute("CREATE INDEX published_offering_agency ON published_offering (agency_id)")
    op.execute("CREATE INDEX published_offering_service ON published_offering (service, country)")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON published_offering TO directory_app")


def _fold() -> str:
    """NFKC, lower, no apostrophes or signs, Cyrillic to Latin, no diacritics, one letter where scripts write two."""
    source, target = "".join(_LETTERS), "".join(_LETTERS.values())
    source, target = source + source.upper(), target + target
    text = "lower(normalize(value, NFKC))"
    for letter, pair in (("ю", "iu"), ("Ю", "iu"), ("я", "ia"), ("Я", "ia")):
        text = f"replace({text}, '{letter}', '{pair}')"
    text = f"regexp_replace({text}, '[''’ʻʼ‘`´ьъЬЪ]', '', 'g')"
    text = f"translate({text}, '{source}', '{target}')"
    text = f"regexp_replace(normalize({text}, NFKD), '[\\u0300-\\u036f]', '', 'g')"
    for pair, letter in _PAIRS:
        text = f"replace({text}, '{pair}', '{letter}')"
    text = f"regexp_replace({text}, '(.)\\1+', '\\1', 'g')"
    return f"""CREATE FUNCTION fold(value text) RETURNS text
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $fold$ SELECT {text} $fold$"""
