"""What `irt` offers by name."""

import ast
import pkgutil
from pathlib import Path

import pytest

import irt


def names_for_type_checkers():
    """name -> (module, name there), as the block for type checkers imports them."""
    tree = ast.parse(Path(irt.__file__).read_text())
    (block,) = [
        node for node in tree.body if isinstance(node, ast.If) and isinstance(node.test, ast.Name)
    ]
    return {
        alias.asname or alias.name: (node.module, alias.name)
        for node in block.body
        for alias in node.names
    }


def test_every_name_is_the_one_that_type_checkers_see():
    seen = names_for_type_checkers()
    assert sorted(seen) == sorted(irt.__all__)
    assert seen == irt._HOMES


@pytest.mark.parametrize("name", irt.__all__)
def test_every_name_can_be_used(name):
    assert getattr(irt, name) is not None
    assert name in dir(irt)


def test_no_name_hides_a_module():
    modules = {module.name for module in pkgutil.iter_modules(irt.__path__)}
    assert modules & set(irt.__all__) == set()


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'fit_modle'"):
        irt.fit_modle  # noqa: B018
