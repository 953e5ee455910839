// Tests that look at the same installation come one after the other. Those that break one of their own run beside them.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.Collections, MaxThreads = 2)]
