using System.CommandLine;
using GlifMl.Pipelines;
using Spectre.Console;

namespace GlifMl.Cli;

/// <summary>The catalogue.</summary>
internal static class EstimatorsCommand
{
    private const string Indent = "      ";

    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string?>("NAME")
        {
            Description = "An estimator, to see every option of it; without one, all are listed.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var (uses, json) = (new UsesOption(), CommonOptions.Json());
        var command = new Command("estimators", "List the estimators that a definition can name, or the options of one.")
        {
            name,
            uses,
            json,
        };
        command.SetAction(parsed =>
        {
            var catalog = uses.Catalog(parsed);
            if (parsed.GetValue(name) is { } chosen)
                Describe(terminal, EstimatorDocumentation.Of(catalog, chosen), parsed.GetValue(json));
            else
                List(terminal, catalog, parsed.GetValue(json));
            return ExitCode.Done;
        });
        return command;
    }

    private static void List(Terminal terminal, EstimatorCatalog catalog, bool json)
    {
        var entries = catalog.Entries;
        if (json)
        {
            terminal.WriteJson(entries.Select(EstimatorDocumentation.Of));
            return;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("estimator", "role", "what it does");
        foreach (var e in entries)
            table.AddRow(new Text(e.Name), new Text(e.Role.ToString().ToLowerInvariant()), new Text(e.Summary));
        terminal.Output.Write(table);
        terminal.Writer.WriteLine("`glifml estimators NAME` shows the options of one.");
    }

    private static void Describe(Terminal terminal, EstimatorDocumentation estimator, bool json)
    {
        if (json)
        {
            terminal.WriteJson(estimator);
            return;
        }

        terminal.Writer.WriteLine($"{estimator.Name} ({estimator.Role}): {estimator.Summary}");
        terminal.Writer.WriteLine(estimator.About);
        foreach (var option in estimator.Options)
        {
            var range = option.Range.Length > 0 ? $", {option.Range}" : "";
            var fallback = option.Default is "required" or "" ? option.Default : $"default {option.Default}";
            terminal.Writer.WriteLine($"\n  {option.Key}: {option.Type}{range}{(fallback.Length > 0 ? $"; {fallback}" : "")}");
            foreach (var text in option.Choices.Select(choice => $"{choice.Key}: {choice.Value}").Prepend(option.Meaning))
            {
                foreach (var line in TerminalMarkdown.Wrap(text, terminal.Output.Profile.Width - Indent.Length))
                    terminal.Writer.WriteLine(Indent + line);
            }
        }
    }
}

/// <summary>The JSON Schema of definitions, for editors.</summary>
internal static class SchemaCommand
{
    public static Command Create(Terminal terminal)
    {
        var outOption = new Option<string?>("--out")
        {
            Description = "Where the schema goes. Default: standard output.",
            HelpName = "FILE",
        };
        var markdown = new Option<bool>("--markdown") { Description = "The reference of every key and step instead, as Markdown." };
        var sweep = new Option<bool>("--sweep")
        {
            Description = "The schema of definitions for `glifml sweep` instead, with several values at places.",
        };
        var uses = new UsesOption();
        var command = new Command("schema", "Print the JSON Schema of pipeline definitions, with which editors complete and check them.")
        {
            outOption,
            markdown,
            sweep,
            uses,
        };
        command.SetAction(parsed =>
        {
            var catalog = uses.Catalog(parsed);
            var text = (parsed.GetValue(markdown), parsed.GetValue(sweep)) switch
            {
                (true, true) => throw new ArgumentException("found --markdown and --sweep; expected one of them"),
                (true, _) => DefinitionReference.ToText(catalog),
                (_, true) => SweepJsonSchema.ToText(catalog),
                _ => DefinitionJsonSchema.ToText(catalog),
            };
            if (parsed.GetValue(outOption) is { } path)
            {
                OutputFile.WriteAllText(path, text);
                terminal.WriteDone(path, path);
            }
            else
            {
                terminal.Writer.Write(text);
            }

            return ExitCode.Done;
        });
        return command;
    }
}

/// <summary>Assemblies whose steps are listed beside the program's own.</summary>
internal sealed class UsesOption : Option<string[]>
{
    public UsesOption()
        : base("--uses")
    {
        Description =
            $"An assembly as under a definition's `uses`, to list its steps, too: with {PluginPermission.Option}. May be repeated.";
        HelpName = "FILE.dll";
        AllowMultipleArgumentsPerToken = false;
        DefaultValueFactory = _ => [];
    }

    /// <summary>The program's catalogue, with the steps of the assemblies.</summary>
    /// <exception cref="ArgumentException">An assembly is not allowed, or is none of estimators.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public EstimatorCatalog Catalog(ParseResult parsed)
    {
        var files = parsed.GetValue(this) ?? [];
        if (files.Length == 0)
            return EstimatorCatalog.Default;
        var catalog = new EstimatorCatalog();
        foreach (var file in files)
        {
            if (!PluginPermission.IsGiven)
                throw new ArgumentException(
                    $"--uses: found {Quoted.Of(file)}; expected {PluginPermission.Option} beside it, because to list an assembly's steps "
                        + "is to run its code"
                );
            try
            {
                catalog.AddFrom(file);
            }
            catch (ArgumentException e)
            {
                throw new ArgumentException($"--uses: found {Quoted.Of(file)}; {e.Message.ReplaceLineEndings(" ")}", e);
            }
        }

        return catalog;
    }
}
