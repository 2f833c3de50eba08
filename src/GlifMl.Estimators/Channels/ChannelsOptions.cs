using System.ComponentModel.DataAnnotations;

namespace GlifMl.Estimators;

/// <summary>Which traces become the channels that a network sees at each sample.</summary>
public sealed record ChannelsOptions : IValidatableObject
{
    /// <summary>The channels: the voltage, which later steps read as the first one, then the stimulus or nothing. Default: the voltage alone.</summary>
    [MinLength(1)]
    public IReadOnlyList<TraceChannel> Columns { get; init; } = [TraceChannel.Voltage];

    /// <summary>The data view's columns of these channels.</summary>
    public IReadOnlyList<string> ColumnNames() =>
        [.. Columns.Select(c => c == TraceChannel.Voltage ? TraceColumns.VoltageMv : TraceColumns.StimulusPa)];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Columns is not ([TraceChannel.Voltage] or [TraceChannel.Voltage, TraceChannel.Stimulus]))
            yield return new("expected [voltage] or [voltage, stimulus]", [nameof(Columns)]);
    }
}
