using System.CommandLine;

namespace GlifMl.Cli;

/// <summary><c>--known NAME=VALUE</c>: what a model that is told it cannot find in a recording.</summary>
internal sealed class KnownOption : Option<string[]>
{
    public KnownOption()
        : base("--known")
    {
        Description = "What a model is told beside a recording, in SI units. Default: nothing, and the sampling interval as dt.";
        HelpName = "NAME=VALUE";
    }

    /// <summary>What was said, by Allen key.</summary>
    /// <exception cref="ArgumentException">It is something else, or the model is not told it.</exception>
    public IReadOnlyDictionary<string, double> ValuesOf(ParseResult parsed, OnnxModelInfo info)
    {
        var known = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var text in parsed.GetValue(this) ?? [])
        {
            var parts = text.Split('=', 2);
            if (parts.Length != 2 || PlainNumber.Real(parts[1]) is not { } value)
                throw new ArgumentException($"{Name}: found {Quoted.Of(text)}; expected NAME=VALUE, such as C=1e-10");
            string[] told = [.. info.Known.Select(k => k.Name)];
            if (!told.Contains(parts[0]))
                throw new ArgumentException(
                    $"{Name}: found {Quoted.Of(parts[0])}; expected "
                        + (told.Length == 0 ? "nothing, because the model is told nothing" : string.Join(" or ", told))
                );
            if (!known.TryAdd(parts[0], value))
                throw new ArgumentException($"{Name}: found {parts[0]} twice; expected it once");
        }

        return known;
    }
}
