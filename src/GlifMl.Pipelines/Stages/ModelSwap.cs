namespace GlifMl.Pipelines;

/// <summary>
/// Puts a run's files in the place of a finished model's. They are gathered in a folder within the model's, and until the list of them is
/// written there, the old model stands untouched. From then on they are the model: a process that ends while they are moved leaves the rest
/// of the moves to the next one that looks.
/// </summary>
/// <param name="model">The model's folder.</param>
/// <param name="before">Called before each change with what it will be; tests end a run here, as a kill would. Null: nobody.</param>
internal sealed class ModelSwap(ModelDirectory model, Action<string>? before = null)
{
    /// <summary>Where a run gathers its files while a finished model stands.</summary>
    public ModelDirectory Staged { get; } = new(Path.Combine(model.Checkpoint, "next"));

    private string List => Path.Combine(Staged.Path, "complete.txt");

    // The figures are put in last, and the old ones taken away first: they never stand beside a model that is not theirs.
    private static string[] Files(ModelDirectory of) =>
        [of.Definition, of.TrainingLog, of.LastCheckpoint, of.Zip, of.Onnx, of.Predictions, of.Calibration, of.Metrics];

    private static string[] Folders(ModelDirectory of) => [of.Events, of.Report];

    /// <summary>Starts gathering.</summary>
    /// <param name="resume">Whether to go on from what an earlier run gathered.</param>
    public ModelDirectory Begin(bool resume)
    {
        if (!resume)
            DeleteFolder(Staged.Path);
        return Staged;
    }

    /// <summary>Everything is gathered: it takes the model's place.</summary>
    /// <param name="definition">The definition as the model's folder keeps it; that in the gathering has other paths.</param>
    public void Commit(string definition)
    {
        Change($"write {Staged.Definition}", () => AtomicFile.WriteAllText(Staged.Definition, definition));
        var names = Files(Staged).Where(File.Exists).Concat(Folders(Staged).Where(Directory.Exists));
        var list = string.Join('\n', names.Select(path => Path.GetRelativePath(Staged.Path, path)));
        Change($"write {List}", () => AtomicFile.WriteAllText(List, list));
        Complete();
    }

    /// <summary>Completes what a process that ended has left, if any has. Each step may be done again.</summary>
    public void Complete()
    {
        if (!File.Exists(List))
            return;
        var gathered = File.ReadAllLines(List).Select(name => Path.Combine(Staged.Path, name)).ToHashSet();
        if (File.Exists(Staged.Metrics) || !gathered.Contains(Staged.Metrics))
            DeleteFile(model.Metrics);
        foreach (var (from, to) in Folders(Staged).Zip(Folders(model)))
        {
            if (Directory.Exists(from) || !gathered.Contains(from))
                DeleteFolder(to);
            if (Directory.Exists(from))
                Change($"move {from}", () => Directory.Move(from, to));
        }

        foreach (var (from, to) in Files(Staged).Zip(Files(model)))
        {
            if (File.Exists(from))
                Change($"move {from}", () => File.Move(from, to, overwrite: true));
            else if (!gathered.Contains(from))
                DeleteFile(to);
        }

        DeleteFile(List);
        DeleteFolder(Staged.Path);
    }

    /// <summary>Takes away what stands in a folder without a model, and would pass for a part of the one to come.</summary>
    /// <param name="resume">Whether the training log is gone on with.</param>
    public void RemoveStrays(bool resume)
    {
        foreach (var file in new[] { model.Metrics, model.Predictions, model.Zip })
            DeleteFile(file);
        // A folder named by hand may hold a report and events that are not ours.
        var data = Path.Combine(model.Report, "report.json");
        if (File.Exists(data))
        {
            DeleteFolder(Path.Combine(model.Report, "figures"));
            DeleteFolder(Path.Combine(model.Report, "neurons"));
            DeleteFile(model.ReportPage);
            DeleteFile(data);
        }

        if (resume)
            return;
        DeleteFile(model.TrainingLog);
        if (!Directory.Exists(model.Events))
            return;
        foreach (var file in Directory.GetFiles(model.Events, "events.out.tfevents*"))
            DeleteFile(file);
    }

    /// <summary>Does one change.</summary>
    public void Change(string what, Action change)
    {
        before?.Invoke(what);
        change();
    }

    private void DeleteFile(string path)
    {
        if (File.Exists(path))
            Change($"delete {path}", () => File.Delete(path));
    }

    private void DeleteFolder(string path)
    {
        if (Directory.Exists(path))
            Change($"delete {path}", () => Directory.Delete(path, recursive: true));
    }
}
