import multiprocessing

import numpy as np

from irt.constraints.shadow_test import shadow_tests, solve_each
from irt.policy.blueprint import Method
from sessions.simulation.processes import share_shadow_tests
from tests.irt.constraints.pools import answers, realistic_policy, realistic_pool

POOL = realistic_pool(80, seed=8)
POLICY = realistic_policy(Method.SHADOW_TEST, max_words=800)


def shadow_tests_of_four(n_values):
    criterion = np.random.default_rng(9).random((4, n_values))
    everything = np.ones((4, POOL.n_items), dtype=bool)
    return shadow_tests(POOL, POLICY, answers(POOL, (), (), (), ()), criterion, everything)


def in_a_process(results):
    with share_shadow_tests(1):
        results.put(shadow_tests_of_four(POOL.n_items))
        try:
            shadow_tests_of_four(3)
        except ValueError as error:
            results.put(str(error))
        results.put(shadow_tests_of_four(POOL.n_items))


def test_processes_give_the_same_answers_and_errors_even_within_a_daemonic_process():
    context = multiprocessing.get_context("spawn")
    results = context.SimpleQueue()
    worker = context.Process(target=in_a_process, args=(results,), daemon=True)
    worker.start()
    found, error, again = results.get(), results.get(), results.get()
    worker.join()
    assert found.any(axis=1).all()
    assert found.tolist() == shadow_tests_of_four(POOL.n_items).tolist() == again.tolist()
    assert error.startswith("operands could not be broadcast together")


class Noise:
    """Where it arrives it prints past Python, as the solver does now and then, and is a []."""

    def __reduce__(self):
        return eval, ("__import__('os').write(1, b'noise') and []",)


def test_what_the_solver_prints_does_not_get_into_an_answer():
    with share_shadow_tests(1):
        (items,) = solve_each.get()([(None, Noise(), np.ones(3, dtype=bool), np.ones(3))])
    assert items.tolist() == [False] * 3
