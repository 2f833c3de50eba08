using System.CommandLine;
using System.CommandLine.Parsing;

namespace GlifMl.Cli;

/// <summary>
/// An option whose value is one plain number. System.CommandLine's own parser takes a comma for a separator of thousands, so that
/// <c>--duration 0,5</c> would be five seconds, and lets infinities through.
/// </summary>
/// <typeparam name="T">The number, or the number or nothing.</typeparam>
internal sealed class NumberOption<T> : Option<T>
{
    public NumberOption(string name)
        : base(name) => CustomParser = Parse;

    private T? Parse(ArgumentResult result)
    {
        if (result.Tokens is not [.., var token])
            return default;
        var text = token.Value;
        var type = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        // Each an object at once: three kinds of numbers would all become the widest.
        var value =
            type == typeof(double) ? (object?)PlainNumber.Real(text)
            : type == typeof(int) ? PlainNumber.Whole<int>(text)
            : type == typeof(ulong) ? PlainNumber.Whole<ulong>(text)
            : throw new NotSupportedException($"found an option of type {type}; expected double, int or ulong");
        if (value is null)
        {
            var expected = type == typeof(double) ? "a number such as 0.5" : "a whole number such as 5";
            result.AddError($"{Name}: found {Quoted.Of(text)}; expected {expected}");
        }

        return value is null ? default : (T)value;
    }
}
