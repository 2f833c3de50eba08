namespace GlifMl.Datasets;

/// <summary>The command of one sweep, put together from the epochs of its output.</summary>
internal sealed class AbfCommand
{
    private const int Step = 1;
    private const int Ramp = 2;
    private const int PulseTrain = 3;

    // What Clampfit's own programs leave where nothing was set.
    private const double LargestLevel = 1e6;
    private const double SmallestLevel = 1e-6;

    // Part of a sweep that passes before the first epoch.
    private const int LeadShare = 64;

    private readonly List<(long End, AbfEpoch Epoch, long Start, long Samples, double Level, double Before)> _epochs = [];
    private readonly double _lead;
    private readonly double _end;
    private readonly long _start;

    private AbfCommand(double lead, double end, long start) => (_lead, _end, _start) = (lead, end, start);

    /// <summary>The command of a sweep; null where the file does not tell it, with the reason.</summary>
    public static AbfCommand? Of(AbfOutput output, int sweep, long samples, bool hasUserList, out string reason)
    {
        reason = "";
        var holding =
            Math.Abs(output.Holding) < SmallestLevel ? 0
            : Math.Abs(output.Holding) > LargestLevel ? double.NaN
            : output.Holding;
        if (!double.IsFinite(holding))
        {
            reason = "its holding level is no number";
            return null;
        }
        if (output.Source == AbfWaveform.None)
            return new AbfCommand(holding, holding, samples);
        if (output.Source == AbfWaveform.File)
        {
            reason = "it was played from another file";
            return null;
        }
        if (output.Source == AbfWaveform.Older)
        {
            reason = "commands are not read of headers older than version 1.6";
            return null;
        }
        if (hasUserList)
        {
            reason = "a list of the user's own changed it from sweep to sweep";
            return null;
        }
        AbfEpoch[] epochs = [.. output.Epochs.Where(epoch => epoch.Type != 0)];
        if (Array.Find(epochs, epoch => epoch.Type is not (Step or Ramp or PulseTrain)) is { } other)
        {
            reason = $"epochs of type {other.Type} are not read, but steps, ramps and pulse trains";
            return null;
        }
        if (Array.Exists(epochs, epoch => !double.IsFinite(epoch.Level) || !double.IsFinite(epoch.LevelIncrement)))
        {
            reason = "a level is no number";
            return null;
        }
        // Where an output holds, the sweep before left its last level.
        var last = output.Holds && sweep > 0 && epochs.Length > 0 ? epochs[^1].Level + (epochs[^1].LevelIncrement * (sweep - 1)) : holding;
        var at = samples / LeadShare;
        var before = last;
        var levels = new List<(long End, AbfEpoch Epoch, long Start, long Samples, double Level, double Before)>();
        foreach (var epoch in epochs)
        {
            var length = Math.Clamp(epoch.Samples + ((long)epoch.SamplesIncrement * sweep), 0, samples - at);
            var level = epoch.Level + (epoch.LevelIncrement * sweep);
            levels.Add((at + length, epoch, at, length, level, before));
            (at, before) = (at + length, level);
        }
        var command = new AbfCommand(last, output.Holds && epochs.Length > 0 ? before : holding, samples / LeadShare);
        command._epochs.AddRange(levels);
        return command;
    }

    /// <summary>The level at a sample.</summary>
    public double At(long sample)
    {
        if (sample < _start)
            return _lead;
        foreach (var (end, epoch, start, samples, level, before) in _epochs)
        {
            if (sample >= end)
                continue;
            var n = sample - start;
            return epoch.Type switch
            {
                Step => level,
                Ramp => samples > 1 ? before + ((level - before) * n / (samples - 1)) : before,
                _ => epoch.Period > 0 && n / epoch.Period < samples / epoch.Period && n % epoch.Period < epoch.Width ? level : before,
            };
        }
        return _end;
    }
}

/// <summary>One output of the digitizer.</summary>
/// <param name="Unit">Its unit as the file writes it.</param>
/// <param name="Holding">Its holding level in that unit.</param>
/// <param name="Source">What it played.</param>
/// <param name="Holds">Whether it keeps the level of its last epoch between sweeps.</param>
/// <param name="Epochs">Its epochs, in their order.</param>
internal sealed record AbfOutput(string Unit, double Holding, AbfWaveform Source, bool Holds, IReadOnlyList<AbfEpoch> Epochs);

/// <summary>What an output played.</summary>
internal enum AbfWaveform
{
    /// <summary>Its holding level.</summary>
    None,

    /// <summary>Its epochs.</summary>
    Epochs,

    /// <summary>Another file.</summary>
    File,

    /// <summary>What a header older than version 1.6 says elsewhere.</summary>
    Older,
}

/// <summary>A stretch of a command.</summary>
/// <param name="Type">1 step, 2 ramp, 3 pulse train; others are not read.</param>
/// <param name="Level">Its level in the first sweep.</param>
/// <param name="LevelIncrement">What each sweep adds to it.</param>
/// <param name="Samples">Its length in the first sweep.</param>
/// <param name="SamplesIncrement">What each sweep adds to it.</param>
/// <param name="Period">Samples from one pulse of a train to the next.</param>
/// <param name="Width">Samples that a pulse lasts.</param>
internal sealed record AbfEpoch(int Type, double Level, double LevelIncrement, int Samples, int SamplesIncrement, int Period, int Width);
