using GlifMl.Lstm;

namespace GlifMl.Tests.Cli;

public sealed class KernelVariableTests
{
    [Fact]
    public void Run_UnknownKernelInTheEnvironment_IsOneLine()
    {
        using var tiny = new TinyPipeline();

        var (code, output, error) = GlifmlProcess.Run(
            [(LstmKernels.EnvironmentVariable, "avx9")],
            "run",
            tiny.Definition,
            "--data",
            tiny.Data,
            "--output",
            tiny.Model,
            "--quiet"
        );

        Assert.Equal("", output);
        Assert.Matches("^glifml: GLIFML_KERNEL: found LSTM kernel 'avx9'; expected one of scalar[a-z0-9, ]* on this machine\n$", error);
        Assert.Equal(2, code);
    }
}
