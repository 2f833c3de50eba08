using System.CommandLine;
using System.Text;
using GlifMl.Pipelines;

namespace GlifMl.Cli;

/// <summary>Shards that no model names.</summary>
internal static class CleanCommand
{
    public static Command Create(Terminal terminal, CancellationToken cancellation)
    {
        var data = new Option<string>("--data")
        {
            Description = "The folder of the datasets, one folder a hash. Default: datasets/shards.",
            HelpName = "DIR",
            DefaultValueFactory = _ => Path.Combine("datasets", "shards"),
        };
        var models = new Option<string[]>("--models")
        {
            Description = "A folder that holds models, at any depth; may be repeated. Default: models.",
            HelpName = "DIR",
            DefaultValueFactory = _ => ["models"],
        };
        var yes = new Option<bool>("--yes") { Description = "Remove them. Without it they are only listed." };
        var json = CommonOptions.Json();
        var command = new Command("clean", "List the shards that no model was trained on, and remove them with --yes.")
        {
            data,
            models,
            yes,
            json,
        };
        command.SetAction(parsed =>
        {
            var folders = parsed.GetRequiredValue(models);
            var datasets = StoredDataset.In(parsed.GetRequiredValue(data), folders);
            var removed = parsed.GetValue(yes) ? Remove(datasets, terminal, cancellation) : [];
            if (parsed.GetValue(json))
                terminal.WriteJson(
                    datasets.Select(dataset => new
                    {
                        path = dataset.Folder,
                        hash = dataset.Hash,
                        bytes = dataset.Bytes,
                        status = dataset.Status,
                        models = dataset.Models,
                        removed = removed.Contains(dataset),
                    })
                );
            else
                Print(terminal, datasets, removed, folders);
            return ExitCode.Done;
        });
        return command;
    }

    private static HashSet<StoredDataset> Remove(IReadOnlyList<StoredDataset> datasets, Terminal terminal, CancellationToken cancellation)
    {
        var removed = new HashSet<StoredDataset>();
        foreach (var dataset in datasets.Where(dataset => dataset.IsUnnamed))
        {
            cancellation.ThrowIfCancellationRequested();
            if (!dataset.Remove())
                terminal.Note($"glifml: {dataset.Folder}: found new files; expected none: it was not removed");
            else if (removed.Add(dataset) && Directory.Exists(dataset.Folder))
                terminal.Note($"glifml: {dataset.Folder}: its shards are removed; other files in it were left");
        }

        return removed;
    }

    private static void Print(
        Terminal terminal,
        IReadOnlyList<StoredDataset> datasets,
        HashSet<StoredDataset> removed,
        IReadOnlyList<string> models
    )
    {
        var unnamed = datasets.Where(dataset => dataset.IsUnnamed).ToArray();
        var text = new StringBuilder();
        if (datasets.Count > 0)
        {
            MarkdownTable.Append(
                text,
                [
                    ["dataset", "MB", "models", "status"],
                    .. datasets.Select(d =>
                        (string[])[d.Folder, Megabytes(d.Bytes), $"{d.Models.Count}", removed.Contains(d) ? "removed" : d.Status]
                    ),
                ]
            );
            text.Append('\n');
        }

        var of = $"{unnamed.Length} of {datasets.Count} datasets, {Megabytes(unnamed.Sum(d => d.Bytes))} MB";
        text.Append(
            removed.Count > 0 ? $"removed {removed.Count} of {datasets.Count} datasets, {Megabytes(removed.Sum(d => d.Bytes))} MB\n"
            : unnamed.Length == 0
                ? $"nothing to remove: a model in {string.Join(", ", models)} names each of {datasets.Count} datasets, or it is in use\n"
            : $"{of}, are named by no model in {string.Join(", ", models)}; --yes removes them\n"
        );
        terminal.WriteMarkdown(text.ToString());
    }

    private static string Megabytes(long bytes) => Invariant.Text($"{bytes / 1e6:F1}");
}
