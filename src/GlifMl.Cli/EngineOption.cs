using System.CommandLine;
using System.CommandLine.Parsing;

namespace GlifMl.Cli;

/// <summary>Which engine runs the LSTM layers and membrane fits of a model.</summary>
internal sealed class EngineOption : Option<OnnxEngine>
{
    private static readonly Dictionary<string, OnnxEngine> Engines = new(StringComparer.Ordinal)
    {
        ["auto"] = OnnxEngine.Auto,
        ["steady"] = OnnxEngine.Steady,
        ["kernel"] = OnnxEngine.Kernel,
        ["onnxruntime"] = OnnxEngine.OnnxRuntime,
    };

    /// <param name="engine">The default.</param>
    public EngineOption(OnnxEngine engine)
        : base("--engine")
    {
        Description =
            "What runs the model's LSTM layers and membrane fits: kernel, onnxruntime, auto, the faster one, measured on the first traces, "
            + "or steady, the kernel wherever it can, so that the same run gives the same digits. They agree within rounding. "
            + $"Default: {Engines.First(e => e.Value == engine).Key}.";
        HelpName = string.Join('|', Engines.Keys);
        CustomParser = Parse;
        DefaultValueFactory = _ => engine;
    }

    /// <summary>How a command runs models: by the engine that was asked for, with what it is told of it in the journal.</summary>
    public OnnxModelOptions ModelOptions(ParseResult parsed, Terminal terminal) =>
        new() { Engine = parsed.GetValue(this), Log = line => terminal.Journal?.Say(line) };

    private OnnxEngine Parse(ArgumentResult result)
    {
        var text = result.Tokens[^1].Value;
        if (!Engines.TryGetValue(text, out var engine))
            result.AddError($"{Name}: found {Quoted.Of(text)}; expected {string.Join(", ", Engines.Keys)}");
        return engine;
    }
}
