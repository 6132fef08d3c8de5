"""What a browser would send when a form is submitted as the page shows it."""

from html.parser import HTMLParser


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.data: dict[str, str] = {}
        self._select = self._textarea = ""
        self._templates = 0

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        name = given.get("name", "")
        if tag == "template":
            self._templates += 1
        if self._templates:
            return
        if tag == "input" and name:
            self._input(name, given)
        elif tag == "select":
            self._select = name
        elif tag == "textarea":
            self._textarea, self.data[name] = name, ""
        elif tag == "option" and self._select and "selected" in given:
            self.data[self._select] = given.get("value", "")
        elif tag == "option" and self._select:
            self.data.setdefault(self._select, given.get("value", ""))

    def _input(self, name, given):
        is_tick = given.get("type") in ("checkbox", "radio")
        if not is_tick or "checked" in given:
            self.data[name] = given.get("value", "on" if is_tick else "")

    def handle_endtag(self, tag):
        if tag == "template":
            self._templates -= 1
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""

    def handle_data(self, data):
        if self._textarea:
            self.data[self._textarea] += data.removeprefix("\n")


def fields_of(page: str, form_id: str) -> dict[str, str]:
    """{name: value} of the form with this id."""
    form = page.partition(f'id="{form_id}"')[2].partition("</form>")[0]
    parser = _Fields()
    parser.feed("<form " + form)
    return parser.data
