using BenchmarkDotNet.Running;
using GlifMl.Benchmarks.Generation;
using GlifMl.Benchmarks.Kernels;
using GlifMl.Benchmarks.Scoring;
using GlifMl.Benchmarks.Watch;

if (args is ["kernels", .. var options])
    return KernelReport.Run(options);
if (args is ["generation", .. var generation])
    return GenerationReport.Run(generation);
if (args is ["watch", .. var watch])
    return SpeedWatch.Run(watch);
if (args is ["scoring", .. var scoring])
    return ScoringReport.Run(scoring);

BenchmarkSwitcher.FromAssembly(typeof(KernelReport).Assembly).Run(args);
return 0;
