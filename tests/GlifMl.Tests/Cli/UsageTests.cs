using GlifMl.Cli;

namespace GlifMl.Tests.Cli;

public sealed class UsageTests
{
    [Theory]
    [InlineData("runn", "found unknown command 'runn'; did you mean 'run'? (see `glifml --help`)")]
    [InlineData("inspct models", "found unknown command 'inspct'; did you mean 'inspect'? (see `glifml --help`)")]
    [InlineData("run", "found no PIPELINE.yaml; expected run PIPELINE.yaml (see `glifml run --help`)")]
    [InlineData("run a.yaml b.yaml", "found 'b.yaml' behind the arguments; expected run PIPELINE.yaml (see `glifml run --help`)")]
    [InlineData(
        "run a.yaml --epochs",
        "found unknown option '--epochs'; expected one of --set, --output, --data, --json, --quiet, --resume*"
    )]
    [InlineData("run a.yaml --ouptut m", "found unknown option '--ouptut'; did you mean '--output'? (see `glifml run --help`)")]
    [InlineData("run a.yaml --output", "found --output without a value; expected --output DIR (see `glifml run --help`)")]
    [InlineData("score a.csv", "found no --model; expected --model FILE.onnx (see `glifml score --help`)")]
    [InlineData("score --model a.onnx", "found no INPUT; expected score INPUT... (see `glifml score --help`)")]
    public void Run_WrongUsage_SaysWhatWasFoundAndExpected(string line, string message)
    {
        var (code, output, error) = Glifml.Run(line.Split(' '));

        Assert.Equal(2, code);
        Assert.Equal("", output);
        if (message.EndsWith('*'))
            Assert.StartsWith($"glifml: {message.TrimEnd('*')}", error, StringComparison.Ordinal);
        else
            Assert.Equal($"glifml: {message}", error.TrimEnd());
    }

    [Fact]
    public void Help_OfSimulate_PointsWhereTheNamesAre()
    {
        var flat = string.Join(' ', Glifml.Run("simulate", "--help").Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("the name of one that `glifml stimulus` lists", flat, StringComparison.Ordinal);

        var (listed, help) = (Glifml.Run("stimulus").Output, Glifml.Run("stimulus", "--help").Output);
        Assert.All(StimulusCatalog.Names, name => Assert.Contains(name, listed, StringComparison.Ordinal));
        Assert.All(StimulusCatalog.Names, name => Assert.Contains(name, help, StringComparison.Ordinal));
    }

    [Fact]
    public void Run_Nothing_ListsTheCommands()
    {
        var (code, _, error) = Glifml.Run();

        Assert.Equal(2, code);
        Assert.StartsWith("glifml: found no command; expected one of run, generate, train, ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0,5")]
    [InlineData("1,000")]
    [InlineData("+1")]
    [InlineData("0x1")]
    [InlineData("Infinity")]
    [InlineData("NaN")]
    [InlineData(" 1")]
    [InlineData("1e400")]
    [InlineData("1 s")]
    public void Run_WhatIsNotOnePlainNumber_IsRefusedByEveryNumericOption(string text)
    {
        foreach (var command in CommandLine.Root(new Terminal(TextWriter.Null, TextWriter.Null)).Subcommands)
        {
            foreach (var option in command.Options.Where(option => IsNumeric(option.ValueType)))
            {
                var (code, _, error) = Glifml.Run(command.Name, option.Name, text);

                Assert.Equal(2, code);
                Assert.Contains($"{option.Name}: found '{text}'; expected a ", error, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Simulate_DecimalComma_IsNotTakenForThousands()
    {
        var neuron = Glifml.Path("datasets/neurons/483101699_glif1.json");
        var (code, _, error) = Glifml.Run("simulate", "--neuron", neuron, "--stimulus", "noise-1", "--out", "no.csv", "--duration", "0,5");

        Assert.Equal(2, code);
        Assert.Equal("glifml: --duration: found '0,5'; expected a number such as 0.5 (see `glifml simulate --help`)", error.TrimEnd());
        Assert.False(File.Exists("no.csv"));
    }

    [Theory]
    [InlineData("seed=1,5", "--set seed=1,5: seed: found '1,5'; expected an integer")]
    [InlineData("seed=+1", "--set seed=+1: seed: found '+1'; expected an integer")]
    [InlineData(
        "pipeline.bilstm.learning_rate=0,01",
        "--set pipeline.bilstm.learning_rate=0,01: pipeline.bilstm.learning_rate: found '0,01'; expected a number"
    )]
    [InlineData(
        "pipeline.bilstm.learning_rate=NaN",
        "--set pipeline.bilstm.learning_rate=NaN: pipeline.bilstm.learning_rate: found 'NaN'; expected a number"
    )]
    [InlineData(
        "pipeline.scale-targets.C=1,5",
        "--set pipeline.scale-targets.C=1,5: pipeline.scale-targets.C: found '1,5'; expected a number other than 0, 'standardise' or 'log'"
    )]
    public void Set_WhatIsNotOnePlainNumber_IsRefused(string set, string message)
    {
        var (code, _, error) = Glifml.Run("inspect", Glifml.Path("pipelines/quickstart.yaml"), "--set", set);

        Assert.Equal(2, code);
        Assert.Equal($"glifml: {message}", error.TrimEnd());
    }

    private static bool IsNumeric(Type type) => (Nullable.GetUnderlyingType(type) ?? type).GetInterface("INumber`1") is not null;
}
