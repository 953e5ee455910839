using Crispy.Bench;

// Crispy.Bench NAME [options]: bench.sh lists the names and their options.
return await Benchmarks.RunAsync(args);
