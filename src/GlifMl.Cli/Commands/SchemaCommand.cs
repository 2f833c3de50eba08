using System.CommandLine;
using GlifMl.Pipelines;

namespace GlifMl.Cli;

/// <summary>The JSON Schema of definitions, for editors.</summary>
internal static class SchemaCommand
{
    public static Command Create(Terminal terminal)
    {
        var outOption = new Option<string?>("--out")
        {
            Description = "Where the schema goes. Default: standard output.",
            HelpName = "FILE.json",
        };
        var command = new Command("schema", "Print the JSON Schema of pipeline definitions, with which editors complete and check them.")
        {
            outOption,
        };
        command.SetAction(parsed =>
        {
            var text = DefinitionJsonSchema.ToText(EstimatorCatalog.Default);
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
