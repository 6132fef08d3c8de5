from io import StringIO

import pytest
from django.core.management import call_command

from tests.scoring.report.report_files import write_all

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_opens_from_disk_and_is_accessible(
    new_page, assert_accessible, tmp_path, language, scheme
):
    write_all(tmp_path)
    call_command(
        "calibration_report",
        *(str(tmp_path / "responses.csv"), "--items", str(tmp_path / "params.csv")),
        *("--out", str(tmp_path / "report"), "--language", language, "--similarity"),
        *("--groups", str(tmp_path / "groups.csv"), "--link-to", str(tmp_path / "standing.csv")),
        *("--times", str(tmp_path / "times.csv"), "--compromised", str(tmp_path / "leaked.csv")),
        stdout=StringIO(),
    )
    page = new_page(color_scheme=scheme)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "report" / "report.html").as_uri())
    assert_accessible(page)
    assert [url for url in asked if not url.startswith("file:")] == []
