# Every target is a verb of bootstrap.py, which needs nothing but Python.
#   make demo   PORT=8100 make demo   make test   make test ARGS="tests/items -k publish"
PYTHON ?= python3

.PHONY: demo test lint lock messages environment
demo test lint lock messages environment:
	@$(PYTHON) bootstrap.py $@ $(ARGS)
