using System.Collections.Immutable;

namespace GlifMl.Pipelines;

/// <summary>
/// What a split injects: one stimulus, or several of which each trace draws one. A definition writes one as <see cref="StimulusDefinition"/> does, and
/// several as a list of such, <c>[{name: noise, seed: per-trace}, square]</c>. Each is equally likely; the draw follows from the seed, the split and the
/// trace's number alone. Mixtures of equal stimuli in the same order are equal.
/// </summary>
public sealed class StimulusMixture : IEquatable<StimulusMixture>
{
    /// <param name="stimuli">The stimuli; at least one.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public StimulusMixture(IEnumerable<StimulusDefinition> stimuli)
    {
        Stimuli = [.. stimuli];
        if (Stimuli.IsEmpty)
            throw new ArgumentException("found no stimuli; expected at least one", nameof(stimuli));
    }

    /// <summary>The stimuli, at least one. One named twice is drawn twice as often.</summary>
    public ImmutableArray<StimulusDefinition> Stimuli { get; }

    /// <summary>The stimulus's name; of several, their names (of a file without its folder), joined by <c> + </c>.</summary>
    public string Name =>
        Stimuli is [var only] ? only.Name : string.Join(" + ", Stimuli.Select(s => s.IsFile ? Path.GetFileName(s.Name) : s.Name));

    /// <summary>What random draws for the stimuli are named by: a file counts by its contents, as in the dataset's hash, wherever it lies.</summary>
    internal string Stream => string.Join(" + ", Stimuli.Select(s => s.IsFile ? DatasetHash.ContentText(s.Name) : s.Name));

    /// <summary>One stimulus for every trace.</summary>
    /// <param name="stimulus">The stimulus.</param>
    public static implicit operator StimulusMixture(StimulusDefinition stimulus) => new([stimulus]);

    /// <inheritdoc/>
    public bool Equals(StimulusMixture? other) => other is not null && Stimuli.AsSpan().SequenceEqual(other.Stimuli.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as StimulusMixture);

    /// <inheritdoc/>
    public override int GetHashCode() => Stimuli.Aggregate(0, HashCode.Combine);
}
