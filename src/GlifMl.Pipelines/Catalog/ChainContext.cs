using GlifMl.Torch;
using Microsoft.ML;

namespace GlifMl;

/// <summary>
/// What a step of a definition is told when its turn comes: the columns so far, the data seen so far, and the run it is part of.
/// </summary>
public sealed class ChainContext
{
    private readonly HashSet<string> _columns = new(StringComparer.Ordinal);

    /// <summary>The column of targets in SI units that every chain ends in.</summary>
    public const string ParametersColumn = TraceColumns.Parameters;

    /// <summary>The label vector that trainers learn.</summary>
    public const string LabelColumn = TraceColumns.Label;

    /// <summary>The vector of scores, in label units, that a trainer gives.</summary>
    public const string ScoreColumn = TraceColumns.Score;

    /// <summary>The ML.NET context, seeded.</summary>
    public required MLContext Ml { get; init; }

    /// <summary>Allen keys of the targets, in label order.</summary>
    public required IReadOnlyList<string> Targets { get; init; }

    /// <summary>Between which values each target lies by the definition's design; null where it says nothing.</summary>
    internal IReadOnlyList<ParameterLimits?>? Limits { get; init; }

    /// <summary>The definition's seed.</summary>
    public required int Seed { get; init; }

    /// <summary>Files, callbacks and cancellation of the training run.</summary>
    public required TrainingRun Run { get; init; }

    /// <summary>The one network of an ensemble that is trained, from 0. Default null: all of them.</summary>
    internal int? Member { get; init; }

    /// <summary>Told what the trainer is at before it says so itself, and how far it is, 0 to 1. Default null: nobody.</summary>
    internal Action<double, string>? Progress { get; init; }

    /// <summary>Validation rows as the steps before left them; null without a validation split.</summary>
    public IDataView? Validation { get; internal set; }

    /// <summary>The column of scores that the trainer gives: an ensemble's members have one each.</summary>
    internal string Score { get; init; } = ScoreColumn;

    /// <summary>The column that parameters are read from: what the trainer gives, or what a step behind it made of that.</summary>
    internal string Answers { get; set; } = ScoreColumn;

    /// <summary>The trace column that the next step reads. Starts as the recorded voltage.</summary>
    public string Trace { get; private set; } = TraceColumns.VoltageMv;

    /// <summary>The column of estimates beside the trace that a network corrects; null: there are none.</summary>
    public string? Beside { get; private set; }

    /// <summary>What a member of an ensemble is told: the same, with a seed, files and a score column of its own.</summary>
    /// <param name="seed">Its seed.</param>
    /// <param name="score">Its score column.</param>
    /// <param name="run">Its files and callbacks.</param>
    internal ChainContext ForMember(int seed, string score, TrainingRun run) =>
        new()
        {
            Ml = Ml,
            Targets = Targets,
            Seed = seed,
            Run = run,
            Progress = Progress,
            Validation = Validation,
            Trace = Trace,
            Beside = Beside,
            Score = score,
        };

    /// <summary>Names the column of estimates that a step puts beside the trace.</summary>
    /// <param name="stem">What the step calls it.</param>
    /// <returns>The name.</returns>
    internal string PutBeside(string stem)
    {
        var trace = Trace;
        Beside = AddTrace(stem);
        Trace = trace;
        return Beside;
    }

    /// <summary>Makes a column of a name of its own the trace that the next step reads.</summary>
    internal string UseTrace(string name)
    {
        _columns.Add(name);
        return Trace = name;
    }

    /// <summary>Names the trace column that a step adds, and makes it the one that the next step reads.</summary>
    /// <param name="stem">What the step calls it; a number is added where the chain has one of the name already.</param>
    /// <returns>The name.</returns>
    public string AddTrace(string stem)
    {
        var name = stem;
        for (var i = 2; !_columns.Add(name); i++)
            name = stem + i;
        return Trace = name;
    }
}
