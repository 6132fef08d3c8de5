"""The wellbeing questionnaire: twelve graded items written for this project.

A plain example of polytomous items, without norms: it is no diagnostic instrument.
"""

from random import Random

from demo.bank.content import DemoItem, DemoOption, Text, TrueParameters

SEED = 20240301

CATEGORIES: tuple[Text, ...] = (
    {"en": "Never", "ko": "전혀 없었다"},
    {"en": "Rarely", "ko": "드물게 있었다"},
    {"en": "Sometimes", "ko": "가끔 있었다"},
    {"en": "Often", "ko": "자주 있었다"},
    {"en": "Almost always", "ko": "거의 항상 있었다"},
)

QUESTION: Text = {
    "en": "How often was this true of you in the past month?",
    "ko": "지난 한 달 동안 다음과 같은 일이 얼마나 자주 있었습니까?",
}

STATEMENTS: tuple[tuple[bool, str, str], ...] = (
    (
        True,
        "I looked forward to something in the day ahead.",
        "그날 할 일 중에 기대되는 것이 있었다.",
    ),
    (True, "I had a good laugh with someone.", "누군가와 함께 실컷 웃었다."),
    (False, "A small mishap spoiled the rest of my day.", "사소한 일 하나 때문에 하루를 망쳤다."),
    (
        True,
        "I ended the day pleased with at least one thing I had done.",
        "하루를 마치면서 내가 한 일 중 적어도 하나는 뿌듯하게 여겼다.",
    ),
    (
        False,
        "Worries kept me awake after I had gone to bed.",
        "잠자리에 누운 뒤에도 걱정 때문에 잠들지 못했다.",
    ),
    (
        True,
        "When something was too much for me, I asked someone for help.",
        "혼자 감당하기 어려운 일이 있을 때 누군가에게 도움을 청했다.",
    ),
    (
        False,
        "I called off plans because I did not want to see anyone.",
        "아무도 만나고 싶지 않아서 약속을 취소했다.",
    ),
    (
        True,
        "When a plan fell through, I found something else to do.",
        "계획이 틀어져도 다른 할 일을 찾아냈다.",
    ),
    (
        True,
        "I made time for something I like doing.",
        "내가 좋아하는 일을 하는 시간을 따로 냈다.",
    ),
    (
        False,
        "I kept my troubles to myself because nobody seemed to have time for them.",
        "들어 줄 사람이 없는 것 같아서 고민을 혼자만 간직했다.",
    ),
    (
        True,
        "I had enough strength for what I wanted to do.",
        "하고 싶은 일을 할 만큼 기운이 있었다.",
    ),
    (
        False,
        "I spent the day just waiting for it to be over.",
        "하루가 끝나기만을 기다리며 시간을 보냈다.",
    ),
)


def wellbeing_items() -> tuple[DemoItem, ...]:
    """Twelve Likert items scored 0…4; a negatively keyed statement has its scores reversed."""
    rng = Random(SEED)  # noqa: S311 - demo content, no secret
    return tuple(
        DemoItem(
            code=f"WB-{number:02d}",
            area="wellbeing",
            response_kind="likert",
            stem={"en": f"{QUESTION['en']}\n\n{en}", "ko": f"{QUESTION['ko']}\n\n{ko}"},
            options=_options(positive),
            rules=(),
            rationale=_rationale(positive),
            model="grm",
            true_parameters=_true_parameters(rng),
            level=2,
            item_model="wellbeing",
        )
        for number, (positive, en, ko) in enumerate(STATEMENTS, start=1)
    )


def _options(positive: bool) -> tuple[DemoOption, ...]:
    highest = len(CATEGORIES) - 1
    return tuple(
        DemoOption(text, place if positive else highest - place, "")
        for place, text in enumerate(CATEGORIES)
    )


def _rationale(positive: bool) -> Text:
    if positive:
        return {
            "en": "Positively keyed: the more often, the higher the score.",
            "ko": "긍정 문항으로, 자주 있을수록 점수가 높다.",
        }
    return {
        "en": "Negatively keyed: the more often, the lower the score.",
        "ko": "부정 문항으로, 자주 있을수록 점수가 낮다.",
    }


def _true_parameters(rng: Random) -> TrueParameters:
    a, centre = rng.uniform(1.0, 2.5), rng.uniform(-0.6, 0.6)
    steps = (-1.8, -0.6, 0.6, 1.8)
    thresholds = tuple(round(centre + step + rng.uniform(-0.25, 0.25), 3) for step in steps)
    return round(a, 3), thresholds, 0.0
