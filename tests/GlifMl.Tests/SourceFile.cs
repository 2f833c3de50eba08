using System.Text.RegularExpressions;
using GlifMl.Tests.Cli;

namespace GlifMl.Tests;

/// <summary>
/// A C# file of this repository, read as far as the rules of the house need: what it declares and which identifiers it uses.
/// </summary>
internal sealed partial class SourceFile
{
    private readonly Lazy<string> _code;

    private SourceFile(string path, string text)
    {
        Path = path;
        Lines = text.Split('\n');
        _code = new(() => WithoutWords(text));
    }

    /// <summary>Its path in the repository, with forward slashes.</summary>
    public string Path { get; }

    public string[] Lines { get; }

    /// <summary>The names of its types that are not inside another.</summary>
    public IEnumerable<string> Types => Declarations().Matches(OuterCode()).Select(match => match.Groups["name"].Value);

    public string? Namespace => NamespaceLine().Match(_code.Value) is { Success: true } match ? match.Groups["name"].Value : null;

    /// <summary>
    /// Its identifiers that begin with a capital, each where it first stands; neither those behind a point, which are members, nor those
    /// that the file itself gives to a member or a parameter.
    /// </summary>
    public IEnumerable<(string Name, int Line)> Identifiers
    {
        get
        {
            var own = Members().Matches(_code.Value).Select(match => match.Groups["name"].Value).ToHashSet();
            return Words()
                .Matches(_code.Value)
                .Where(match => !own.Contains(match.Value))
                .DistinctBy(match => match.Value)
                .Select(match => (match.Value, _code.Value.AsSpan(0, match.Index).Count('\n') + 1));
        }
    }

    /// <summary>The C# files of a folder, without what the build makes.</summary>
    public static IReadOnlyList<SourceFile> In(string folder) =>
        [
            .. Directory
                .GetFiles(Glifml.Path(folder), "*.cs", SearchOption.AllDirectories)
                .Select(path => (Full: path, Path: System.IO.Path.GetRelativePath(Glifml.Repository, path).Replace('\\', '/')))
                .Where(file => !file.Path.Split('/').Any(part => part is "bin" or "obj"))
                .OrderBy(file => file.Path, StringComparer.Ordinal)
                .Select(file => new SourceFile(file.Path, File.ReadAllText(file.Full).ReplaceLineEndings("\n"))),
        ];

    /// <summary>The code outside all braces, but for those of the namespace, which is file-scoped.</summary>
    private string OuterCode()
    {
        var outer = new System.Text.StringBuilder();
        var depth = 0;
        foreach (var c in _code.Value)
        {
            depth += c == '}' ? -1 : 0;
            if (depth == 0)
                outer.Append(c);
            depth += c == '{' ? 1 : 0;
        }

        return outer.ToString();
    }

    /// <summary>The code with comments, characters and the words of strings blanked; what stands in a string's holes is code.</summary>
    private static string WithoutWords(string text)
    {
        var code = text.ToCharArray();
        var at = 0;
        while (at < code.Length)
            at = Skip(text, code, at);
        return new string(code);
    }

    /// <summary>Goes over one token; blanks it where it is no code.</summary>
    private static int Skip(string text, char[] code, int at)
    {
        var rest = text.AsSpan(at);
        if (rest.StartsWith("//"))
            return Blank(code, at, text.IndexOf('\n', at) is >= 0 and var end ? end : text.Length);
        if (rest.StartsWith("/*"))
            return Blank(code, at, text.IndexOf("*/", at, StringComparison.Ordinal) + 2);
        if (Literal().Match(text, at) is { Success: true } literal)
            return Blank(code, at, at + literal.Length);
        return StringStart().Match(text, at) is { Success: true } start ? SkipString(text, code, at, start) : at + 1;
    }

    private static int SkipString(string text, char[] code, int at, Match start)
    {
        var (prefix, quotes) = (start.Groups["prefix"].Value, start.Groups["quotes"].Value);
        var raw = quotes.Length >= 3;
        // The empty string is two quotation marks, of which one only opens it.
        var open = raw ? quotes.Length : 1;
        var holes = prefix.Count(c => c == '$');
        var verbatim = prefix.Contains('@');
        at = Blank(code, at, at + prefix.Length + open);
        while (true)
        {
            if (raw ? text.AsSpan(at).StartsWith(quotes) : text[at] == '"' && !(verbatim && Next(text, at) == '"'))
                return Blank(code, at, at + open);
            if (!raw && (text[at] == '"' || (!verbatim && text[at] == '\\')))
                at = Blank(code, at, at + 2);
            else if (holes > 0 && IsHole(text, at, holes, raw))
                at = SkipHole(text, code, at + holes);
            else if (!raw && holes > 0 && text[at] is '{')
                at = Blank(code, at, at + 2);
            else
                at = Blank(code, at, at + 1);
        }
    }

    /// <summary>In a raw string as many braces as there are dollars open a hole; in any other one, and two stand for a brace.</summary>
    private static bool IsHole(string text, int at, int holes, bool raw) =>
        raw ? text.AsSpan(at).StartsWith(new string('{', holes)) : text[at] == '{' && Next(text, at) != '{';

    private static int SkipHole(string text, char[] code, int at)
    {
        for (var depth = 1; ; )
        {
            depth += text[at] switch
            {
                '{' => 1,
                '}' => -1,
                _ => 0,
            };
            if (depth == 0)
                return at + 1;
            at = Skip(text, code, at);
        }
    }

    private static char Next(string text, int at) => at + 1 < text.Length ? text[at + 1] : '\0';

    private static int Blank(char[] code, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            if (code[i] != '\n')
                code[i] = ' ';
        }

        return to;
    }

    [GeneratedRegex(@"\b(class|struct|record|interface|enum)\s+((class|struct)\s+)?(?<name>\w+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Declarations();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(
        @"(?<!\b(new|return|is|as|case|in|throw|and|or|not|class|record|struct|enum|interface))"
            + @"(?<=[\w>\]?)])\s+(?<name>[A-Z]\w*)\s*(=>|[=,;{)])",
        RegexOptions.ExplicitCapture
    )]
    private static partial Regex Members();

    [GeneratedRegex(@"(?<![\w.])[A-Z]\w*")]
    private static partial Regex Words();

    [GeneratedRegex(@"\G'(\\.[^']*|[^'\\])'", RegexOptions.ExplicitCapture)]
    private static partial Regex Literal();

    [GeneratedRegex(@"\G(?<prefix>[$@]*)(?<quotes>""+)", RegexOptions.ExplicitCapture)]
    private static partial Regex StringStart();
}
