"""Every sentence the public site says by itself, in its four languages.

Armenian, Russian and Arabic were not checked by a native speaker. Whoever does it, please remove this line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal


@dataclass(frozen=True)
class Strings:
    """The words of one language. `{date}` and `{number}` are filled in by the renderer."""

    language: str
    locale: str  # whose dates and units are used
    direction: Literal["ltr", "rtl"]
    name: str  # of the language, in the language
    comma: str
    quote_marks: tuple[str, str]
    withheld: Mapping[str, str]  # domain.redaction.Withheld -> label

    motto: str
    promise: str
    demo: str
    skip: str
    languages: str
    menu: str
    stories: str
    how_short: str
    legend: str
    elsewhere: str
    feed: str
    about: str
    release: str
    manifest: str

    told_by: str
    name_changed: str
    place_and_time: str
    themes: str
    reading_time: str
    before: str
    drawing: str
    question: str
    passage: str
    protected: str
    credits: str
    keep: str
    quote_link: str
    data_link: str
    history: str
    published: str
    no_corrections: str

    read: str
    more: str
    corrected: str
    empty_title: str
    empty_text: str

    missing_kicker: str
    missing_title: str
    missing_text: str
    withdrawn_title: str
    withdrawn_text: str
    withdrawn_more: tuple[str, ...]
    to_stories: str

    how_title: str
    how_text: str
    how_steps: tuple[tuple[str, str], ...]


ENGLISH: Final = Strings(
    language="en",
    locale="en_GB",
    direction="ltr",
    name="English",
    comma=", ",
    quote_marks=("“", "”"),
    withheld=MappingProxyType(
        {
            "name": "[name withheld]",
            "place": "[place withheld]",
            "date": "[date withheld]",
            "number": "[number withheld]",
            "contact": "[contact withheld]",
            "passage": "[passage left out]",
        }
    ),
    motto="Testimony, told with consent",
    promise="No cookies. Nothing from third parties.",
    demo="Demonstration: the people, the places and the words on this site are invented.",
    skip="Skip to the text",
    languages="Languages",
    menu="Main",
    stories="Stories",
    how_short="How we work",
    legend=(
        "This bar is a cover. It stands where a name, a face, a place or a passage is kept back to keep "
        "somebody safe. Covers in running text have one length, which says nothing about what is beneath."
    ),
    elsewhere="Read elsewhere",
    feed="Atom feed",
    about="About",
    release="Release of {date}.",
    manifest="Signed list of every file, to check a copy with",
    told_by="Told by",
    name_changed="name changed",
    place_and_time="Place and time",
    themes="Themes",
    reading_time="Reading time",
    before="Before you start.",
    drawing="A drawing. It shows no real place.",
    question="Question:",
    passage="Link to passage {number}",
    protected="How we protected the people in this story",
    credits="Credits",
    keep="Share and keep",
    quote_link="Link to the quote",
    data_link="The approved words as a data file",
    history="Published and corrected",
    published="Published {date}",
    no_corrections="No corrections so far",
    read="Read the story",
    more="More stories",
    corrected="Corrected since",
    empty_title="No story has been published yet",
    empty_text=(
        "A story appears here when the people who told it agreed, and two others have approved every word of "
        "it."
    ),
    missing_kicker="Page not found",
    missing_title="The path ends here",
    missing_text=(
        "There is no page at this address. A letter may be missing from the link, or the page was taken down."
    ),
    withdrawn_title="This story was withdrawn",
    withdrawn_text=(
        "The people who told it asked us to take it down, or we did so to keep somebody safe. We do not say "
        "which."
    ),
    withdrawn_more=(
        "The bars above are the same on every page like this one. They are not the shape of the story.",
        "If you have a copy or a link, please do not pass it on.",
    ),
    to_stories="Go to the stories that can be read",
    how_title="How we work with witnesses",
    how_text=(
        "A statement can put somebody in danger: the one who speaks, or one who is spoken of. So it stays "
        "sealed until it can be told."
    ),
    how_steps=(
        (
            "The witness decides",
            (
                "We ask point by point: whether the story may be told, under which name, in which languages, "
                "with or without a voice or a picture. What was not agreed to is not published."
            ),
        ),
        (
            "Sealed from the start",
            (
                "A statement is encrypted when it is handed in. Only the people assigned to it can open it, "
                "and every opening is recorded."
            ),
        ),
        (
            "Those who are not in the room",
            (
                "People who are spoken of and could not be asked are treated as people at risk. Names, "
                "places and passages that could lead to them are taken out."
            ),
        ),
        (
            "A cover has nothing under it",
            (
                "Where something is left out you see a cover. What it stands for is not in the page, and the "
                "cover is always of the same width."
            ),
        ),
        (
            "Two other people approve",
            (
                "Nobody who wrote down, translated or edited a story can approve it. Two others read and "
                "sign exactly what will be published."
            ),
        ),
        (
            "It can be taken back",
            (
                "A witness can change their mind on any day, without giving a reason. The story then leaves "
                "this site and its feed."
            ),
        ),
        (
            "What we cannot promise",
            (
                "A copy that somebody else has made cannot be called back. That is why we leave out more "
                "than we think is needed."
            ),
        ),
    ),
)

ARMENIAN: Final = Strings(
    language="hy",
    locale="hy",
    direction="ltr",
    name="Հայերեն",
    comma=", ",
    quote_marks=("«", "»"),
    withheld=MappingProxyType(
        {
            "name": "[անունը չի նշվում]",
            "place": "[վայրը չի նշվում]",
            "date": "[ամսաթիվը չի նշվում]",
            "number": "[թիվը չի նշվում]",
            "contact": "[կապը չի նշվում]",
            "passage": "[հատվածը բաց է թողնված]",
        }
    ),
    motto="Վկայություններ՝ համաձայնությամբ",
    promise="Առանց թխուկների և երրորդ կողմերի։",
    demo="Ցուցադրական կայք. մարդիկ, վայրերը և խոսքերը հորինված են։",
    skip="Անցնել տեքստին",
    languages="Լեզուներ",
    menu="Գլխավոր",
    stories="Պատմություններ",
    how_short="Մեր աշխատանքը",
    legend=(
        "Այս գիծը ծածկ է։ Այն դրված է այնտեղ, որտեղ անունը, դեմքը, վայրը կամ մի հատված չի հրապարակվում՝ "
        "մարդուն պաշտպանելու համար։ Տեքստի բոլոր ծածկերը նույն երկարությունն ունեն, և դա ոչինչ չի ասում տակը "
        "եղածի մասին։"
    ),
    elsewhere="Կարդալ այլ կերպ",
    feed="Atom հոսք",
    about="Մեր մասին",
    release="Թողարկում՝ {date}",
    manifest="Բոլոր ֆայլերի ստորագրված ցանկը՝ պատճենը ստուգելու համար",
    told_by="Պատմում է",
    name_changed="անունը փոխված է",
    place_and_time="Վայր և ժամանակ",
    themes="Թեմաներ",
    reading_time="Ընթերցման տևողությունը",
    before="Նախքան սկսելը։",
    drawing="Գծանկար. իրական վայր չի պատկերում։",
    question="Հարց՝",
    passage="Հղում հատված {number}-ին",
    protected="Ինչպես ենք պաշտպանել այս պատմության մարդկանց",
    credits="Հեղինակներ",
    keep="Կիսվել և պահել",
    quote_link="Հղում մեջբերմանը",
    data_link="Հաստատված տեքստը՝ տվյալների ֆայլով",
    history="Հրապարակում և ուղղումներ",
    published="Հրապարակված է՝ {date}",
    no_corrections="Առայժմ ուղղումներ չկան",
    read="Կարդալ պատմությունը",
    more="Այլ պատմություններ",
    corrected="Ուղղված պատմություններ",
    empty_title="Դեռ ոչ մի պատմություն չի հրապարակվել",
    empty_text=(
        "Պատմությունն այստեղ է հայտնվում, երբ այն պատմողները համաձայն են, և երկու այլ մարդ հաստատել են դրա "
        "յուրաքանչյուր բառը։"
    ),
    missing_kicker="Էջը չի գտնվել",
    missing_title="Ճանապարհն այստեղ ավարտվում է",
    missing_text="Այս հասցեով էջ չկա։ Հնարավոր է՝ հղման մեջ տառ է պակասում, կամ էջը հանվել է։",
    withdrawn_title="Այս պատմությունը հետ է վերցվել",
    withdrawn_text=(
        "Պատմողները խնդրել են հանել այն, կամ մենք ենք հանել՝ մարդու անվտանգության համար։ Որն է պատճառը՝ չենք "
        "ասում։"
    ),
    withdrawn_more=(
        "Վերևի գծերը նույնն են բոլոր այսպիսի էջերում։ Դրանք պատմության ձևը չեն ցույց տալիս։",
        "Եթե ունեք պատճեն կամ հղում, խնդրում ենք մի՛ փոխանցեք ուրիշներին։",
    ),
    to_stories="Անցնել պատմություններին, որոնք կարելի է կարդալ",
    how_title="Ինչպես ենք աշխատում վկաների հետ",
    how_text=(
        "Վկայությունը կարող է վտանգել մարդու՝ նրան, ով խոսում է, կամ նրան, ում մասին խոսում են։ Ուստի այն "
        "մնում է կնքված, մինչև հնարավոր լինի պատմել։"
    ),
    how_steps=(
        (
            "Որոշում է վկան",
            (
                "Հարցնում ենք կետ առ կետ՝ կարելի՞ է պատմել, ի՞նչ անունով, ո՞ր լեզուներով, ձայնո՞վ կամ "
                "պատկերո՞վ, թե առանց դրանց։ Ինչին համաձայնություն չի տրվել, չի հրապարակվում։"
            ),
        ),
        (
            "Կնքված՝ սկզբից",
            (
                "Վկայությունը գաղտնագրվում է հանձնելու պահին։ Այն կարող են բացել միայն նշանակված մարդիկ, և "
                "ամեն բացում գրանցվում է։"
            ),
        ),
        (
            "Նրանք, ովքեր սենյակում չեն",
            (
                "Մարդկանց, ում մասին խոսում են և ում հնարավոր չէր հարցնել, վտանգված ենք համարում։ Նրանց "
                "մատնող անունները, վայրերն ու հատվածները հանում ենք։"
            ),
        ),
        (
            "Ծածկի տակ ոչինչ չկա",
            (
                "Որտեղ ինչ-որ բան բաց է թողնված, ծածկ եք տեսնում։ Այն, ինչ ծածկված է, էջում չկա, և ծածկը "
                "միշտ նույն լայնությունն ունի։"
            ),
        ),
        (
            "Հաստատում են երկու ուրիշ մարդ",
            (
                "Ով գրի է առել, թարգմանել կամ խմբագրել պատմությունը, չի կարող հաստատել այն։ Երկու ուրիշ մարդ "
                "կարդում և ստորագրում են հենց այն, ինչ հրապարակվելու է։"
            ),
        ),
        (
            "Կարելի է հետ վերցնել",
            (
                "Վկան կարող է ցանկացած օր միտքը փոխել՝ առանց պատճառ նշելու։ Այդ դեպքում պատմությունը հանվում "
                "է այս կայքից և հոսքից։"
            ),
        ),
        (
            "Ինչ չենք կարող խոստանալ",
            (
                "Ուրիշի արած պատճենը հնարավոր չէ հետ կանչել։ Դրա համար ավելի շատ բան ենք բաց թողնում, քան "
                "կարծում ենք, թե անհրաժեշտ է։"
            ),
        ),
    ),
)

RUSSIAN: Final = Strings(
    language="ru",
    locale="ru",
    direction="ltr",
    name="Русский",
    comma=", ",
    quote_marks=("«", "»"),
    withheld=MappingProxyType(
        {
            "name": "[имя не названо]",
            "place": "[место не названо]",
            "date": "[дата не названа]",
            "number": "[число не названо]",
            "contact": "[контакт не назван]",
            "passage": "[фрагмент опущен]",
        }
    ),
    motto="Свидетельства, рассказанные с согласия",
    promise="Без cookies. Ничего от третьих сторон.",
    demo="Демонстрация: люди, места и слова на этом сайте вымышлены.",
    skip="Перейти к тексту",
    languages="Языки",
    menu="Главное меню",
    stories="Истории",
    how_short="Как мы работаем",
    legend=(
        "Эта полоса — покров. Она стоит там, где имя, лицо, место или фрагмент не публикуются, чтобы кто-то "
        "был в безопасности. Все покровы в тексте одной длины, и она ничего не говорит о том, что под ними."
    ),
    elsewhere="Читать иначе",
    feed="Лента Atom",
    about="О сайте",
    release="Выпуск от {date}",
    manifest="Подписанный список всех файлов, по которому можно проверить копию",
    told_by="Рассказывает",
    name_changed="имя изменено",
    place_and_time="Место и время",
    themes="Темы",
    reading_time="Время чтения",
    before="Прежде чем начать.",
    drawing="Рисунок. Реального места он не изображает.",
    question="Вопрос:",
    passage="Ссылка на фрагмент {number}",
    protected="Как мы защитили людей в этой истории",
    credits="Над историей работали",
    keep="Поделиться и сохранить",
    quote_link="Ссылка на цитату",
    data_link="Утверждённый текст в виде файла данных",
    history="Публикация и исправления",
    published="Опубликовано {date}",
    no_corrections="Исправлений пока нет",
    read="Читать историю",
    more="Другие истории",
    corrected="Исправленные истории",
    empty_title="Пока не опубликовано ни одной истории",
    empty_text=(
        "История появляется здесь, когда согласились те, кто её рассказал, а двое других людей утвердили в "
        "ней каждое слово."
    ),
    missing_kicker="Страница не найдена",
    missing_title="Дорога кончается здесь",
    missing_text="По этому адресу страницы нет. Возможно, в ссылке не хватает буквы или страница была снята.",
    withdrawn_title="Эта история отозвана",
    withdrawn_text=(
        "Её попросили снять те, кто её рассказал, или мы сняли её сами, чтобы кто-то был в безопасности. Что "
        "именно, мы не говорим."
    ),
    withdrawn_more=(
        "Полосы вверху одинаковы на всех таких страницах. Они не повторяют форму истории.",
        "Если у вас есть копия или ссылка, пожалуйста, не передавайте её дальше.",
    ),
    to_stories="Перейти к историям, которые можно читать",
    how_title="Как мы работаем со свидетелями",
    how_text=(
        "Свидетельство может подвергнуть опасности того, кто говорит, или того, о ком говорят. Поэтому оно "
        "остаётся запечатанным, пока его нельзя рассказать."
    ),
    how_steps=(
        (
            "Решает свидетель",
            (
                "Мы спрашиваем по пунктам: можно ли рассказать историю, под каким именем, на каких языках, с "
                "голосом и изображением или без них. То, на что согласия нет, не публикуется."
            ),
        ),
        (
            "Запечатано с самого начала",
            (
                "Свидетельство шифруется, когда его передают. Открыть его могут только назначенные люди, и "
                "каждое открытие записывается."
            ),
        ),
        (
            "Те, кого нет в комнате",
            (
                "Людей, о которых говорят и которых нельзя было спросить, мы считаем людьми в опасности. "
                "Имена, места и фрагменты, которые могли бы на них указать, мы убираем."
            ),
        ),
        (
            "Под покровом ничего нет",
            (
                "Там, где что-то опущено, вы видите покров. Того, что он заменяет, на странице нет, а ширина "
                "у него всегда одна."
            ),
        ),
        (
            "Утверждают двое других людей",
            (
                "Кто записывал, переводил или редактировал историю, не может её утвердить. Двое других "
                "читают и подписывают ровно то, что будет опубликовано."
            ),
        ),
        (
            "Историю можно отозвать",
            (
                "Свидетель может передумать в любой день, не объясняя причин. Тогда история исчезает с этого "
                "сайта и из ленты."
            ),
        ),
        (
            "Чего мы не можем обещать",
            (
                "Копию, которую сделал кто-то другой, вернуть нельзя. Поэтому мы опускаем больше, чем "
                "кажется необходимым."
            ),
        ),
    ),
)

ARABIC: Final = Strings(
    language="ar",
    locale="ar",
    direction="rtl",
    name="العربية",
    comma="، ",
    quote_marks=("«", "»"),
    withheld=MappingProxyType(
        {
            "name": "[الاسم محجوب]",
            "place": "[المكان محجوب]",
            "date": "[التاريخ محجوب]",
            "number": "[الرقم محجوب]",
            "contact": "[وسيلة الاتصال محجوبة]",
            "passage": "[مقطع محذوف]",
        }
    ),
    motto="شهادات تُروى برضا أصحابها",
    promise="بلا ملفات ارتباط وبلا أطراف ثالثة.",
    demo="عرض تجريبي: الأشخاص والأماكن والكلمات في هذا الموقع من نسج الخيال.",
    skip="انتقل إلى النص",
    languages="اللغات",
    menu="الرئيسية",
    stories="القصص",
    how_short="كيف نعمل",
    legend=(
        "هذا الشريط غطاء. يحلّ محلّ اسم أو وجه أو مكان أو مقطع حُجب ليبقى إنسان ما آمنًا. الأغطية في النص "
        "كلّها بطول واحد، فلا يدلّ طولها على ما تحتها."
    ),
    elsewhere="للقراءة بطرق أخرى",
    feed="تغذية Atom",
    about="عنّا",
    release="إصدار {date}.",
    manifest="قائمة موقّعة بكل الملفات، للتحقّق من أي نسخة",
    told_by="يرويها",
    name_changed="الاسم مغيّر",
    place_and_time="المكان والزمان",
    themes="الموضوعات",
    reading_time="زمن القراءة",
    before="قبل أن تبدأ.",
    drawing="رسم لا يصوّر مكانًا حقيقيًا.",
    question="سؤال:",
    passage="رابط إلى المقطع {number}",
    protected="كيف حمينا الناس في هذه القصة",
    credits="شارك في العمل",
    keep="للمشاركة والحفظ",
    quote_link="رابط إلى الاقتباس",
    data_link="النص المعتمد في ملف بيانات",
    history="النشر والتصويبات",
    published="نُشرت في {date}",
    no_corrections="لا تصويبات حتى الآن",
    read="اقرأ القصة",
    more="قصص أخرى",
    corrected="قصص صُوّبت",
    empty_title="لم تُنشر أي قصة بعد",
    empty_text="تظهر القصة هنا حين يوافق من رواها، ويعتمد شخصان آخران كل كلمة فيها.",
    missing_kicker="الصفحة غير موجودة",
    missing_title="ينتهي الطريق هنا",
    missing_text="لا صفحة على هذا العنوان. ربما نقص حرف من الرابط، أو أُزيلت الصفحة.",
    withdrawn_title="سُحبت هذه القصة",
    withdrawn_text="طلب منّا رواتها إزالتها، أو أزلناها نحن ليبقى إنسان ما آمنًا. ولا نقول أيّهما السبب.",
    withdrawn_more=(
        "الأشرطة أعلاه هي نفسها في كل صفحة كهذه، وليست على شكل القصة.",
        "إن كانت لديك نسخة أو رابط، فالرجاء ألّا تنقله إلى غيرك.",
    ),
    to_stories="اذهب إلى القصص المتاحة للقراءة",
    how_title="كيف نعمل مع الشهود",
    how_text=(
        "قد تعرّض الشهادة إنسانًا للخطر: من يتكلّم، أو من يُحكى عنه. لذلك تبقى مختومة إلى أن يصبح ممكنًا أن تُروى."
    ),
    how_steps=(
        (
            "الشاهد هو من يقرّر",
            (
                "نسأل عن كل نقطة على حدة: هل تُروى القصة، وبأي اسم، وبأي لغات، وبصوت أو صورة أو بدونهما. وما "
                "لم يوافَق عليه لا يُنشر."
            ),
        ),
        (
            "مختومة منذ البداية",
            "تُشفَّر الشهادة عند تسليمها. ولا يفتحها إلا من كُلّفوا بها، وكل فتح لها يُسجَّل.",
        ),
        (
            "من ليسوا في الغرفة",
            (
                "من يُحكى عنهم ولم يكن ممكنًا سؤالهم نعدّهم معرّضين للخطر. ونزيل الأسماء والأماكن والمقاطع "
                "التي قد تدلّ عليهم."
            ),
        ),
        (
            "لا شيء تحت الغطاء",
            "حيث حُذف شيء ترى غطاء. وما يحلّ الغطاء محلّه غير موجود في الصفحة، وعرض الغطاء واحد دائمًا.",
        ),
        (
            "يعتمدها شخصان آخران",
            ("من دوّن القصة أو ترجمها أو حرّرها لا يستطيع اعتمادها. شخصان آخران يقرآن ويوقّعان ما سيُنشر بعينه."),
        ),
        (
            "يمكن سحبها",
            "للشاهد أن يغيّر رأيه في أي يوم دون ذكر السبب. عندئذ تُزال القصة من هذا الموقع ومن تغذيته.",
        ),
        (
            "ما لا نستطيع أن نعد به",
            "لا يمكن استرجاع نسخة صنعها شخص آخر. لهذا نحذف أكثر مما نظنّه لازمًا.",
        ),
    ),
)

SITE_NAME: Final = "Vouchsafe"
STRINGS: Final[Mapping[str, Strings]] = MappingProxyType(
    {words.language: words for words in (ENGLISH, ARMENIAN, RUSSIAN, ARABIC)}
)
