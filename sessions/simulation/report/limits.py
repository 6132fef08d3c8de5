"""From where on the page raises its hand. Only violations and too few examinees close the gate."""

# A test is less exact where its RMSE exceeds that of the whole population by this factor; judged
# within so many SDs of the population's mean.
WORST_RMSE, JUDGED_SDS = 1.5, 2.0

# How far above its target an item's rate may lie: chance in a finite number of examinees.
RATE_TOLERANCE = 0.03

# Without a target: an item that more than half of the examinees see is soon known.
HIGH_RATE = 0.5

# The share of the operational items without use from which the bank is said to lie idle.
IDLE_SHARE = 0.5

# The share of tests that may end because no item was left.
RUN_OUT_SHARE = 0.01

# The share of the examinees that should get their true level.
ACCURACY = 0.8
