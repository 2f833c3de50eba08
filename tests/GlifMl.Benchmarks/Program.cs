using BenchmarkDotNet.Running;
using GlifMl.Benchmarks.Kernels;
using GlifMl.Benchmarks.Scoring;

if (args is ["kernels", .. var options])
    return KernelReport.Run(options);

if (args is ["scoring", .. var scoring])
    return ScoringReport.Run(scoring);

BenchmarkSwitcher.FromAssembly(typeof(KernelReport).Assembly).Run(args);
return 0;
