# Every target is a verb of bootstrap.py, which needs nothing but Python.
#   make demo   PORT=8100 make demo   make test   make test ARGS="tests/items -k publish"
PYTHON ?= python3

.PHONY: demo test lint lock messages environment prove-kill9 prove-lost-replies prove-upgrade prove-python prove-reference bench-calibration
demo test lint lock messages environment prove-kill9 prove-lost-replies prove-upgrade prove-python prove-reference bench-calibration:
	@$(PYTHON) bootstrap.py $@ $(ARGS)
