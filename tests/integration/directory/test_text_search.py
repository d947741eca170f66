"""Words meet across scripts, spellings and apostrophes."""

import pytest

from services.chassis.database import Database
from tests.integration.directory.conftest import DirectoryNode
from tests.support.postgres import PostgresServer


@pytest.fixture(scope="module")
async def database(postgres: PostgresServer):
    made: Database = (await postgres.database("directory")).connect()
    await made.open()
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ўзбекистон", "Oʻzbekiston"),
        ("O'zbekiston", "O‘zbekiston"),
        ("Oʼzbekiston", "o`zbekiston"),
        ("Қамқор", "Камкор"),
        ("Қамқор", "Qamqor"),
        ("Нажот", "Najot"),
        ("Нажот", "Nazhot"),
        ("Хуҷанд", "Xujand"),
        ("Суғд", "Sugd"),
        ("Кӯдак", "Кудак"),
        ("Таянӣ", "Таяни"),
        ("Өскемен", "Оскемен"),
        ("Үміт", "Umit"),
        ("Ұлытау", "Улытау"),
        ("Aşgabat", "Ашгабат"),
        ("Daşoguz", "Дашогуз"),
        ("Žemgyýet", "Жемгыйет"),
        ("ЁЛКА", "елка"),
        ("Şymkent", "Shymkent"),
        ("Ｓａｐａｒ", "sapar"),
        ("Жалал-Абад", "Jalal-Abad"),
        ("Таджикистан", "Tadzhikistan"),
        ("Алматы", "Almaty"),
        ("Мәңгілік", "Mangilik"),
    ],
)
async def test_two_spellings_fold_to_the_same(database: Database, one: str, other: str) -> None:
    folded = await database.pool.fetchrow("SELECT fold($1) AS one, fold($2) AS other", one, other)

    assert folded["one"] == folded["other"]


async def test_every_folded_letter_is_plain(database: Database) -> None:
    alphabet = "абвгғдеёжҷзиійӣкқлмнңоөўпрстуүұӯфхҳһцчшщъыьэәюя äçëýňşžöüğıáéíóú"

    folded = await database.pool.fetchval("SELECT fold($1)", alphabet + alphabet.upper())

    assert set(folded) <= set("abcdefghijklmnopqrstuvwxyz ")


@pytest.mark.parametrize(
    "text",
    [
        "Нажот", "najot", "Nazhot", "НАЖОТ ТАШКЕНТ", "нажо", "najott", "Toshkent", "приют", "shelter", "бошпана",
        "приют для женщин", "womens shelter",
    ],
)  # fmt: skip
async def test_a_shelter_is_found_by(kz: DirectoryNode, offering, text: str) -> None:
    await kz.enrol("kz.sapar-demo", en="Najot rehabilitation centre (demo)", ru="Реабилитационный центр «Нажот»")
    shelter = offering("Shelter for women", ru="Приют для женщин с детьми", district="KZ-75")
    await kz.put(shelter | {"descriptions": {"en": "Near Tashkent road", "ru": "Дорога на Ташкент"}})
    await kz.enrol("kz.clinic-demo", en="Densaulyk clinic", ru="Клиника «Денсаулык»")
    await kz.put(
        offering("Medical help", ru="Медпомощь", service="health", district="KZ-71"), "kz.clinic-demo:supervisor"
    )

    found = await kz.found(text=text)

    assert found[:1] == ["Shelter for women"]


@pytest.mark.parametrize(
    "text",
    [
        "zzzzqqqq", "велосипед", "xxxxxxxx", "qqqqq zzz", "лалалала", "hahaha", "asdf", "йцукен", "a", "111",
        "—", "'", "%_\\", "() & | !", "\N{GRINNING FACE}",
    ],
)  # fmt: skip
async def test_words_of_nothing_find_nothing(kz: DirectoryNode, offering, text: str) -> None:
    texts = {"en": "A safe house, assistance in Harbour street, 11 km away", "ru": "Помощь, дом у реки; лагерь, район"}
    await kz.put(offering("Shelter for women", ru="Приют для женщин") | {"descriptions": texts})

    answer = await kz.search(text=text)

    assert (answer["results"], answer["countries"]) == ([], {})


@pytest.mark.parametrize("text", ["", "   "])
async def test_an_empty_text_is_no_condition(kz: DirectoryNode, offering, text: str) -> None:
    await kz.put(offering())

    assert await kz.found(text=text) == ["Demo shelter"]


@pytest.mark.parametrize("text", ["ребёнок", "РЕБЕНОК", "детей", "дети", "children", "bola", "кӯдак", "женщина"])
async def test_forms_that_look_unlike_find_the_same_service(kz: DirectoryNode, offering, text: str) -> None:
    await kz.put(offering("Shelter for women with children", ru="Приют для женщин с детьми"))
    await kz.put(offering("Denial of wages (demo)", ru="Юрист (демо)", service="legal_assistance"))

    assert await kz.found(text=text) == ["Shelter for women with children"]


async def test_a_faint_resemblance_gives_way_to_a_real_hit_and_shows_without_one(kz: DirectoryNode, offering) -> None:
    await kz.put(offering("Najibullah", ru="Наджибулла"))
    alone = await kz.found(text="нажот")
    await kz.put(offering("Najot", ru="Нажот"))

    beside = await kz.search(text="нажот")

    assert alone == ["Najibullah"]
    assert [one["names"]["en"] for one in beside["results"]] == ["Najot"]
    assert beside["countries"] == {"kz": 1}
