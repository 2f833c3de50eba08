namespace GlifMl.Pipelines;

/// <summary>One form in which definitions of a comparison read the same traces.</summary>
/// <param name="Trace">What is stored of each trace, in words.</param>
/// <param name="Definitions">Names of the definitions that read it.</param>
/// <param name="DataHash">Hash of the dataset's definition, of the first seed.</param>
/// <param name="Floor">The lowest floor among these definitions' inputs, on the test split.</param>
/// <param name="HeldOutFloor">As <paramref name="Floor"/> in the held-out cells; null without them.</param>
/// <param name="FloorNote">What the floor rests on, in words.</param>
public sealed record ComparedForm(
    string Trace,
    IReadOnlyList<string> Definitions,
    string DataHash,
    Spread Floor,
    Spread? HeldOutFloor,
    string FloorNote
)
{
    /// <summary>What a definition stores of a trace, in words.</summary>
    internal static string Words(TraceDefinition trace)
    {
        var cuts = trace.SpikeCuts switch
        {
            SpikeCuts.Drop => "dropped",
            SpikeCuts.Keep => "kept as NaN",
            _ => $"filled with {ScalarValues.Format(trace.FillMv)} mV",
        };
        return $"{(trace.Stimulus ? "voltage and stimulus" : "voltage")}, spike cuts {cuts}";
    }
}
