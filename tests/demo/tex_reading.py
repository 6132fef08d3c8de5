"""Reads the demo bank's TeX back into numbers, independently of the code that wrote it."""

import math
import re
from fractions import Fraction

PROBES = [
    {"x": Fraction(7, 5), "y": Fraction(-3, 11)},
    {"x": Fraction(-13, 9), "y": Fraction(17, 4)},
    {"x": Fraction(31, 8), "y": Fraction(5, 6)},
]
TOKEN = re.compile(r"\d+\.\d+|\d+|sqrt|abs|pi|[a-z]|\*\*|.")


def formulas(text):
    """What stands between the dollar signs."""
    return re.findall(r"\$([^$]*)\$", text)


def integers(text):
    """The unsigned whole numbers of a text: thousands separators joined, lists kept apart."""
    found = re.findall(r"\d{1,3}(?:(?:,|\{,\})\d{3})+(?!\d)|\d+", text)
    return [int(re.sub(r"\D", "", number)) for number in found]


def evaluate(tex, **variables):
    """The value of an arithmetic or algebraic expression, exact where it is rational."""
    names = {"F": Fraction, "sqrt": math.sqrt, "abs": abs, "pi": math.pi, **variables}
    return eval(_python(tex), {"__builtins__": {}}, names)


def meaning(text):
    """What an option says, as a tuple of numbers: equal exactly when two options say the same."""
    parts = formulas(text)
    if not parts:
        return tuple(float(number) for number in integers(text))
    return tuple(value for part in parts for value in _meaning(part))


def _meaning(tex):
    if ":" in tex:
        first, second = tex.split(":")
        return (round(float(evaluate(first) / evaluate(second)), 9),)
    if re.fullmatch(r"\([^()]*, [^()]*\)", tex):
        return tuple(round(float(evaluate(part)), 9) for part in tex[1:-1].split(", "))
    right = tex.split("=")[-1]
    return tuple(round(float(evaluate(right, **probe)), 9) for probe in PROBES)


def _python(tex):
    tex = re.sub(r"\\,\\mathrm\{\w+\}(\^\{\d\})?|\^\\circ|\\%|\\left|\\right|\{,\}", "", tex)
    tex = tex.replace(r"\lvert", " abs(").replace(r"\rvert", ")")
    tex = re.sub(r"(\d)(\\frac\{[^{}]*\}\{[^{}]*\})", r"(\1+\2)", tex)
    tex = re.sub(r"\\sqrt\{([^{}]*)\}", r" sqrt(\1)", tex)
    tex = tex.replace(r"\times", "*").replace(r"\div", "/").replace(r"\pi", " pi ")
    tex = re.sub(r"\^\{(\d+)\}|\^(\d)", r"**\1\2 ", tex)
    while r"\frac" in tex:
        tex = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", tex)
    return _with_products(TOKEN.findall(tex.replace(" ", "  ")))


def _with_products(tokens):
    code, after_operand = "", False
    for token in (token for token in tokens if token.strip()):
        operand = token[0].isalnum() or token == "("
        if operand and after_operand:
            code += "*"
        exponent = code.endswith("**")
        code += f"F('{token}')" if token[0].isdigit() and not exponent else token
        after_operand = (token[0].isalnum() and token not in ("sqrt", "abs")) or token == ")"
    return code
