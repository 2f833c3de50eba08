using System.CommandLine;
using System.CommandLine.Parsing;

namespace GlifMl.Cli;

/// <summary>Words what is wrong with a command line, as every other fault is worded: what was found, what was expected.</summary>
internal static class UsageFault
{
    /// <summary>The first fault, on one line, with the help that tells more.</summary>
    public static string Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var help = command is RootCommand ? "glifml --help" : $"glifml {command.Name} --help";
        return $"{Unknown(parsed, command) ?? WrongValue(parsed) ?? Missing(parsed, command) ?? Plain(parsed.Errors[0])} (see `{help}`)";
    }

    private static string? Unknown(ParseResult parsed, Command command) =>
        parsed.UnmatchedTokens is not [var token, ..] ? null
        : token.StartsWith('-') ? Advise("option", token, [.. command.Options.Select(option => option.Name)])
        : command.Subcommands.Count > 0 ? Advise("command", token, [.. command.Subcommands.Select(sub => sub.Name)])
        : $"found {Quoted.Of(token)} behind the arguments; expected {Usage(command)}";

    private static string Advise(string kind, string name, string[] known) =>
        $"found unknown {kind} {Quoted.Of(name)}; "
        + (NearestName.Suggest(name, known) is { } near ? $"did you mean '{near}'?" : $"expected one of {string.Join(", ", known)}");

    private static string? Missing(ParseResult parsed, Command command)
    {
        if (command.Subcommands.Count > 0)
            return $"found no command; expected one of {string.Join(", ", command.Subcommands.Select(sub => sub.Name))}";
        if (command.Options.FirstOrDefault(option => IsWithoutValue(parsed, option)) is { } bare)
            return $"found {bare.Name} without a value; expected {bare.Name} {bare.HelpName}";
        if (command.Arguments.FirstOrDefault(argument => IsMissing(parsed, argument)) is { } argument)
            return $"found no {argument.Name}; expected {Usage(command)}";
        return
            command.Options.FirstOrDefault(option => option.Required && parsed.GetResult(option) is null or { Implicit: true })
                is { } option
            ? $"found no {option.Name}; expected {option.Name} {option.HelpName}"
            : null;
    }

    private static bool IsMissing(ParseResult parsed, Argument argument) =>
        argument.Arity.MinimumNumberOfValues > (parsed.GetResult(argument)?.Tokens.Count ?? 0);

    private static bool IsWithoutValue(ParseResult parsed, Option option) =>
        option.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(option) is { Implicit: false, Tokens.Count: 0 };

    private static string Usage(Command command) =>
        string.Join(
            ' ',
            command
                .Arguments.Select(argument => argument.Name + (argument.Arity.MaximumNumberOfValues > 1 ? "..." : ""))
                .Prepend(command.Name)
        );

    private static string? WrongValue(ParseResult parsed) =>
        parsed.Errors.FirstOrDefault(error => error.SymbolResult is { Tokens.Count: > 0 }) is { } error ? Plain(error) : null;

    /// <summary>What System.CommandLine, or a parser of ours, says.</summary>
    private static string Plain(ParseError error)
    {
        var message = error.Message.TrimEnd('.');
        return char.ToLowerInvariant(message[0]) + message[1..];
    }
}
