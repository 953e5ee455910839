// Each test runs the whole system, broker included: one after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
