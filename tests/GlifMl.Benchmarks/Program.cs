using BenchmarkDotNet.Running;
using GlifMl.Benchmarks.Kernels;

if (args is ["kernels", .. var options])
    return KernelReport.Run(options);

BenchmarkSwitcher.FromAssembly(typeof(KernelReport).Assembly).Run(args);
return 0;
