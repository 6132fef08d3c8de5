# Every target is a verb of bootstrap.py, which needs nothing but Python; `make` lists them.
#   make demo   PORT=8100 make demo   make test   make test ARGS="tests/items -k publish"
PYTHON ?= python3

.PHONY: help always
help:
	@$(PYTHON) bootstrap.py help

# Whatever it is called, and also where a folder has its name.
%: always
	@$(PYTHON) bootstrap.py $@ $(ARGS)

Makefile: ;
