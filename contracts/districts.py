"""Districts by ISO 3166-2 code, of the five countries. `also` are towns and spellings people search by."""

from dataclasses import dataclass

from contracts.terms import Country


@dataclass(frozen=True)
class District:
    """A first-level division; names in English and Russian."""

    code: str
    en: str
    ru: str
    also: tuple[str, ...] = ()

    @property
    def country(self) -> Country:
        return Country(self.code[:2].lower())


DISTRICTS: tuple[District, ...] = (
    District("KZ-10", "Abai region", "Абайская область", ("Абай", "Семей", "Semey")),
    District("KZ-11", "Akmola region", "Акмолинская область", ("Ақмола", "Кокшетау", "Kokshetau")),
    District("KZ-15", "Aktobe region", "Актюбинская область", ("Ақтөбе", "Актобе", "Aktobe")),
    District("KZ-19", "Almaty region", "Алматинская область", ("Қонаев", "Конаев", "Konayev")),
    District("KZ-23", "Atyrau region", "Атырауская область", ("Атырау", "Atyrau")),
    District("KZ-27", "West Kazakhstan region", "Западно-Казахстанская область", ("Орал", "Уральск", "Oral")),
    District("KZ-31", "Zhambyl region", "Жамбылская область", ("Тараз", "Taraz")),
    District("KZ-33", "Jetisu region", "область Жетысу", ("Жетісу", "Талдыкорган", "Taldykorgan")),
    District("KZ-35", "Karaganda region", "Карагандинская область", ("Қарағанды", "Караганда", "Karaganda")),
    District("KZ-39", "Kostanay region", "Костанайская область", ("Қостанай", "Костанай", "Kostanay")),
    District("KZ-43", "Kyzylorda region", "Кызылординская область", ("Қызылорда", "Кызылорда", "Kyzylorda")),
    District("KZ-47", "Mangystau region", "Мангистауская область", ("Маңғыстау", "Актау", "Aktau")),
    District("KZ-55", "Pavlodar region", "Павлодарская область", ("Павлодар", "Pavlodar")),
    District("KZ-59", "North Kazakhstan region", "Северо-Казахстанская область", ("Петропавловск", "Petropavl")),
    District("KZ-61", "Turkistan region", "Туркестанская область", ("Түркістан", "Туркестан", "Turkistan")),
    District("KZ-62", "Ulytau region", "область Улытау", ("Ұлытау", "Жезказган", "Zhezkazgan")),
    District("KZ-63", "East Kazakhstan region", "Восточно-Казахстанская область", ("Өскемен", "Усть-Каменогорск")),
    District("KZ-71", "Astana", "Астана", ("Nur-Sultan", "Нур-Султан")),
    District("KZ-75", "Almaty", "Алматы", ("Алма-Ата",)),
    District("KZ-79", "Shymkent", "Шымкент", ("Чимкент",)),
    District("KG-B", "Batken region", "Баткенская область", ("Баткен", "Batken")),
    District("KG-C", "Chüy region", "Чуйская область", ("Чүй", "Токмок", "Tokmok")),
    District("KG-GB", "Bishkek", "Бишкек"),
    District("KG-GO", "Osh", "Ош"),
    District("KG-J", "Jalal-Abad region", "Джалал-Абадская область", ("Жалал-Абад", "Jalal-Abad")),
    District("KG-N", "Naryn region", "Нарынская область", ("Нарын", "Naryn")),
    District("KG-O", "Osh region", "Ошская область"),
    District("KG-T", "Talas region", "Таласская область", ("Талас", "Talas")),
    District("KG-Y", "Issyk-Kul region", "Иссык-Кульская область", ("Ысык-Көл", "Каракол", "Karakol")),
    District("TJ-DU", "Dushanbe", "Душанбе"),
    District("TJ-GB", "Gorno-Badakhshan", "Горно-Бадахшанская автономная область", ("Кӯҳистони Бадахшон", "Хорог")),
    District("TJ-KT", "Khatlon region", "Хатлонская область", ("Хатлон", "Бохтар", "Bokhtar")),
    District("TJ-RA", "Districts of Republican Subordination", "Районы республиканского подчинения", ("РРП",)),
    District("TJ-SU", "Sughd region", "Согдийская область", ("Суғд", "Хуҷанд", "Худжанд", "Khujand")),
    District("TM-A", "Ahal region", "Ахалский велаят", ("Ahal", "Ахал")),
    District("TM-B", "Balkan region", "Балканский велаят", ("Balkan", "Балканабат", "Balkanabat")),
    District("TM-D", "Dashoguz region", "Дашогузский велаят", ("Daşoguz", "Дашогуз", "Dashoguz")),
    District("TM-L", "Lebap region", "Лебапский велаят", ("Lebap", "Türkmenabat", "Туркменабад", "Turkmenabat")),
    District("TM-M", "Mary region", "Марыйский велаят", ("Mary", "Мары")),
    District("TM-S", "Ashgabat", "Ашхабад", ("Aşgabat",)),
    District("UZ-AN", "Andijan region", "Андижанская область", ("Andijon", "Андижан", "Andijan")),
    District("UZ-BU", "Bukhara region", "Бухарская область", ("Buxoro", "Бухара", "Bukhara")),
    District("UZ-FA", "Fergana region", "Ферганская область", ("Fargʻona", "Фергана", "Fergana")),
    District("UZ-JI", "Jizzakh region", "Джизакская область", ("Jizzax", "Джизак", "Jizzakh")),
    District("UZ-NG", "Namangan region", "Наманганская область", ("Наманган", "Namangan")),
    District("UZ-NW", "Navoiy region", "Навоийская область", ("Навои", "Navoiy")),
    District("UZ-QA", "Qashqadaryo region", "Кашкадарьинская область", ("Қашқадарё", "Карши", "Qarshi")),
    District("UZ-QR", "Karakalpakstan", "Каракалпакстан", ("Qoraqalpogʻiston", "Нукус", "Nukus")),
    District("UZ-SA", "Samarkand region", "Самаркандская область", ("Samarqand", "Самарканд", "Samarkand")),
    District("UZ-SI", "Sirdaryo region", "Сырдарьинская область", ("Гулистан", "Guliston")),
    District("UZ-SU", "Surxondaryo region", "Сурхандарьинская область", ("Термез", "Termiz")),
    District("UZ-TK", "Tashkent", "Ташкент", ("Toshkent", "Тошкент")),
    District("UZ-TO", "Tashkent region", "Ташкентская область", ("Нурафшон", "Nurafshon")),
    District("UZ-XO", "Xorazm region", "Хорезмская область", ("Xorazm", "Ургенч", "Urganch")),
)

_BY_CODE = {district.code: district for district in DISTRICTS}
_BY_NAME = {
    (district.country, name.casefold()): district.code
    for district in reversed(DISTRICTS)
    for name in (*district.also, district.ru, district.en)
}


def district_of(code: str) -> District | None:
    """The district of that code, if we know it."""
    return _BY_CODE.get(code)


def code_of(country: Country | None, said: str | None) -> str | None:
    """The code that a code or a name stands for; agencies were enrolled with either. None when it names none."""
    if said is None or said in _BY_CODE:
        return said
    return _BY_NAME.get((country, said.strip().casefold())) if country else None
