"""What the statuses of the numerics are called on the page, in its language."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "ok": "",
    "estimated": "",
    "anchored": _("anchored"),
    "at a bound": _("at a bound"),
    "negative slope": _("negative slope"),
    "steep slope": _("steep slope"),
    "empty category": _("a score that nobody has"),
    "no parameters": _("no parameters"),
    "no responses": _("no responses"),
    "too few persons": _("too few persons"),
    "too few responses": _("too few responses"),
    "no degrees of freedom": _("no degrees of freedom"),
    "no variance": _("no variance"),
    "same item": _("same item"),
    "constant scores": _("constant scores"),
    "theta is not finite": _("θ is not finite"),
    "no theta": _("no θ"),
    "no variance: whatever is answered here gives the same value": _("nothing can vary"),
    "EAP solves no likelihood equation: estimate theta by ML, MAP or WLE": _("not for EAP"),
    "theta does not solve the equation of its estimator": _("θ is not at its estimate"),
    "no responses in a group": _("no responses in a group"),
    "empty category in a group": _("a score that a group does not have"),
    "no stratum compares the groups": _("nobody of both groups is equally able"),
    "no finite estimate": _("no finite estimate"),
    "not tested": _("not tested"),
    "not converged": _("not converged"),
    "undetermined parameters": _("undetermined parameters"),
    "linked": _("linked"),
    "not estimated": _("not estimated"),
    "slope not positive": _("slope not positive"),
    "different categories": _("different categories"),
    "not chosen": _("not chosen"),
    "undetermined": _("undetermined"),
    "drifted": _("drifted"),
    "drifted, kept to link": _("drifted, kept to link"),
    "not estimated alike on both scales": _("not comparable"),
    "no standard errors": _("no standard errors"),
    "singular covariance": _("singular covariance"),
    "no spread among the items": _("no spread among the items"),
    "no times": _("no times"),
    "one time": _("one time"),
    "constant times": _("constant times"),
    "no compromised item answered": _("no compromised item answered"),
    "no secure item answered": _("no secure item answered"),
}


def status_words(*statuses: object) -> str:
    """What they say, each once; empty where all is well."""
    words = (str(WORDS[str(status)]) for status in statuses)
    return "; ".join(dict.fromkeys(filter(None, words)))
