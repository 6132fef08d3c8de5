import multiprocessing

import numpy as np
import pytest

from scoring.irt.constraints.blueprint import Method
from scoring.irt.constraints.shadow_test import shadow_tests
from scoring.irt.simulation.processes import shadow_tests_on_all_cores
from tests.scoring.irt.constraints.pools import answers, realistic_policy, realistic_pool

POOL = realistic_pool(80, seed=8)
POLICY = realistic_policy(Method.SHADOW_TEST, max_words=800)


def shadow_tests_of_four():
    criterion = np.random.default_rng(9).random((4, POOL.n_items))
    everything = np.ones(criterion.shape, dtype=bool)
    return shadow_tests(POOL, POLICY, answers(POOL, (), (), (), ()), criterion, everything)


def in_processes(results):
    with shadow_tests_on_all_cores(2):
        results.put(shadow_tests_of_four())


def test_processes_give_the_same_shadow_tests_even_within_a_daemonic_process():
    context = multiprocessing.get_context("spawn")
    results = context.SimpleQueue()
    worker = context.Process(target=in_processes, args=(results,), daemon=True)
    worker.start()
    found = results.get()
    worker.join()
    assert found.any(axis=1).all()
    assert found.tolist() == shadow_tests_of_four().tolist()


def test_an_error_in_a_process_is_raised_where_it_was_asked():
    with shadow_tests_on_all_cores(1), pytest.raises(ValueError, match="broadcast"):
        shadow_tests(
            POOL, POLICY, answers(POOL, ()), np.ones((1, 3)), np.ones((1, POOL.n_items), bool)
        )
    assert shadow_tests_of_four().any(axis=1).all()
