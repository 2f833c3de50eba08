using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GlifMl.Pipelines;

/// <summary>
/// How every JSON document of the program is written and read: metrics.json, report.json, comparisons, what <c>--json</c> prints.
/// </summary>
internal static class Json
{
    public static JsonSerializerOptions Options { get; } =
        new()
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            WriteIndented = true,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };

    /// <summary>A value as the text of a file, ending with a line feed.</summary>
    public static string ToText(object value) => JsonSerializer.Serialize(value, Options) + "\n";
}
