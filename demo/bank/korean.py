"""Korean particles that depend on how the number before them is read."""

_READ_WITH_FINAL_CONSONANT = "013678"  # 영/십, 일, 삼, 육, 칠, 팔


def particle(number: int, after_consonant: str, after_vowel: str) -> str:
    """The form that fits `number` read in Sino-Korean, as in 3을 (`삼`) but 4를 (`사`)."""
    ends_in_consonant = str(number)[-1] in _READ_WITH_FINAL_CONSONANT
    return after_consonant if ends_in_consonant else after_vowel
