using System.Text.Json.Serialization;

namespace GlifMl.Datasets;

/// <summary>
/// What a shard holds, one row a trace. Columns in order: <c>VoltageMv</c> (list of float, mV, <see cref="Samples"/> long),
/// <c>StimulusPa</c> (the same in pA, when <see cref="HasStimulus"/>), one double for each of <see cref="Targets"/>,
/// <c>TraceId</c>, <c>ConfigurationId</c>, <c>StimulusId</c> (long) and <c>SpikeCount</c> (int).
/// </summary>
public sealed record ShardSchema
{
    /// <summary>Membrane potential, mV. NaN where the simulator cut a spike.</summary>
    public const string VoltageColumn = TraceColumns.VoltageMv;

    /// <summary>Injected current, pA.</summary>
    public const string StimulusColumn = TraceColumns.StimulusPa;

    /// <summary>Number of the trace in its split, from 0.</summary>
    public const string TraceIdColumn = TraceColumns.TraceId;

    /// <summary>Number of the parameter configuration: traces of one neuron share it.</summary>
    public const string ConfigurationIdColumn = TraceColumns.ConfigurationId;

    /// <summary>Number of the stimulus waveform: traces under one current share it.</summary>
    public const string StimulusIdColumn = TraceColumns.StimulusId;

    /// <summary>Threshold crossings of the simulator within the samples kept.</summary>
    public const string SpikeCountColumn = TraceColumns.SpikeCount;

    /// <summary>Longest trace a shard takes: one row stays at 512 MiB, far from Parquet's 2 GiB a column chunk.</summary>
    public const int MaxSamples = 1 << 27;

    /// <summary>Describes a shard.</summary>
    /// <param name="samples">Samples a trace, 1 to <see cref="MaxSamples"/>.</param>
    /// <param name="hasStimulus">Whether the current is stored beside the voltage. Default: false.</param>
    /// <param name="targets">Label names, distinct. Default: <see cref="GlifParameter.Keys"/>.</param>
    /// <exception cref="ArgumentException">Samples out of range, or targets none, nameless, repeated or named like a column.</exception>
    [JsonConstructor]
    public ShardSchema(int samples, bool hasStimulus = false, IReadOnlyList<string>? targets = null)
    {
        if (samples is < 1 or > MaxSamples)
            throw new ArgumentOutOfRangeException(nameof(samples), $"found {samples} samples a trace; expected 1 to {MaxSamples}");
        Samples = samples;
        HasStimulus = hasStimulus;
        Targets = targets is null ? GlifParameter.Keys : [.. targets];
        if (Targets.Count == 0)
            throw new ArgumentException("found no targets; expected at least one label name", nameof(targets));
        if (Targets.Any(string.IsNullOrWhiteSpace))
            throw new ArgumentException("found a target without a name; expected one, as labels are columns", nameof(targets));
        HashSet<string> names = [.. FixedColumns];
        foreach (var target in Targets)
        {
            if (!names.Add(target))
                throw new ArgumentException(
                    $"found two columns called {target}; expected a label name that differs from all others",
                    nameof(targets)
                );
        }
        string[] traces = hasStimulus ? [VoltageColumn, StimulusColumn] : [VoltageColumn];
        Columns = [.. traces, .. Targets, TraceIdColumn, ConfigurationIdColumn, StimulusIdColumn, SpikeCountColumn];
    }

    /// <summary>The names that no label can have.</summary>
    internal static IReadOnlyList<string> FixedColumns { get; } =
    [VoltageColumn, StimulusColumn, TraceIdColumn, ConfigurationIdColumn, StimulusIdColumn, SpikeCountColumn];

    /// <summary>Samples a trace.</summary>
    public int Samples { get; }

    /// <summary>Whether <c>StimulusPa</c> is stored.</summary>
    public bool HasStimulus { get; }

    /// <summary>Label names, in column order.</summary>
    public IReadOnlyList<string> Targets { get; }

    /// <summary>All column names, in file order.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Bytes of the samples of one row, before compression.</summary>
    internal long RowBytes => (long)Samples * sizeof(float) * (HasStimulus ? 2 : 1);

    internal int FirstTarget => HasStimulus ? 2 : 1;

    internal int TraceIdIndex => FirstTarget + Targets.Count;

    internal int ConfigurationIdIndex => TraceIdIndex + 1;

    internal int StimulusIdIndex => TraceIdIndex + 2;

    internal int SpikeCountIndex => TraceIdIndex + 3;

    internal ColumnKind KindOf(int column) =>
        column < FirstTarget ? ColumnKind.Trace
        : column < TraceIdIndex ? ColumnKind.Label
        : column < SpikeCountIndex ? ColumnKind.Id
        : ColumnKind.Count;

    /// <summary>Schemas are equal when they describe the same columns.</summary>
    /// <param name="other">The other schema.</param>
    /// <returns>True for equal samples, stimulus and targets.</returns>
    public bool Equals(ShardSchema? other) =>
        other is not null
        && Samples == other.Samples
        && HasStimulus == other.HasStimulus
        && Targets.SequenceEqual(other.Targets, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Samples, HasStimulus, Targets.Count, Targets[0]);

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Samples} samples, {(HasStimulus ? "with" : "no")} stimulus, targets "
        + $"{string.Join(", ", Targets.Select(target => Quoted.Text(target)))}";
}

/// <summary>The four kinds of shard columns, each with one storage type.</summary>
internal enum ColumnKind
{
    /// <summary>List of float, fixed length.</summary>
    Trace,

    /// <summary>Double.</summary>
    Label,

    /// <summary>Long.</summary>
    Id,

    /// <summary>Int.</summary>
    Count,
}
