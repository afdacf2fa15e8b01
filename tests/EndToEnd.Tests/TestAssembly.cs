using Xunit.Sdk;
using Xunit.v3;

// Stacks measure time, and two of them beside one another would measure each other.
[assembly: Parallelization(Mode = ParallelMode.None)]
