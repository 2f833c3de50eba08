using System.ComponentModel.DataAnnotations;

namespace GlifMl.Estimators.Channels;

/// <summary>Which traces become the channels that a network sees at each sample.</summary>
public sealed record ChannelsOptions
{
    /// <summary>The channels in order, each at most once. Default: the voltage alone.</summary>
    [MinLength(1)]
    public IReadOnlyList<TraceChannel> Columns { get; init; } = [TraceChannel.Voltage];

    /// <summary>The data view's columns of these channels.</summary>
    public IReadOnlyList<string> ColumnNames() => [.. Columns.Distinct().Select(c => c == TraceChannel.Voltage ? "VoltageMv" : "StimulusPa")];
}
