using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GlifMl.Tests.Pipelines.Inspection;

/// <summary>
/// As much of JSON Schema draft 7 as the schema of definitions uses. A keyword it does not know fails the test, so that none goes
/// unchecked.
/// </summary>
internal static class JsonSchemaCheck
{
    private static readonly string[] Annotations = ["$schema", "title", "description", "default", "then", "definitions"];
    private const string Definitions = "#/definitions/";

    public static IEnumerable<string> Faults(JsonNode? value, JsonObject schema) => Faults(value, schema, "$", schema);

    private static IEnumerable<string> Faults(JsonNode? value, JsonObject schema, string path, JsonObject root)
    {
        foreach (var (keyword, rule) in schema.Where(entry => !Annotations.Contains(entry.Key)))
        {
            var holds = keyword switch
            {
                "type" => rule is JsonArray types ? types.Any(type => IsA(value, (string)type!)) : IsA(value, (string)rule!),
                "enum" => rule!.AsArray().Any(choice => JsonNode.DeepEquals(choice, value)),
                "pattern" => value is not JsonValue
                    || Regex.IsMatch(value.ToString(), (string)rule!, RegexOptions.None, TimeSpan.FromSeconds(1)),
                "minimum" => !IsA(value, "number") || Number(value) >= Number(rule),
                "maximum" => !IsA(value, "number") || Number(value) <= Number(rule),
                "exclusiveMinimum" => !IsA(value, "number") || Number(value) > Number(rule),
                "exclusiveMaximum" => !IsA(value, "number") || Number(value) < Number(rule),
                "minItems" => value is not JsonArray list || list.Count >= (int)rule!,
                "minProperties" => value is not JsonObject some || some.Count >= (int)rule!,
                "maxProperties" => value is not JsonObject few || few.Count <= (int)rule!,
                "required" => value is not JsonObject keys || rule!.AsArray().All(key => keys.ContainsKey((string)key!)),
                "anyOf" => rule!.AsArray().Any(option => !Faults(value, option!.AsObject(), path, root).Any()),
                "not" => Faults(value, rule!.AsObject(), path, root).Any(),
                "if" => Faults(value, rule!.AsObject(), path, root).Any() || !Faults(value, schema["then"]!.AsObject(), path, root).Any(),
                "$ref" => !Faults(value, root["definitions"]![((string)rule!)[Definitions.Length..]]!.AsObject(), path, root).Any(),
                "properties" or "additionalProperties" or "items" => true,
                _ => throw new NotSupportedException($"keyword {keyword}"),
            };
            if (!holds)
                yield return $"{path}: {keyword}";
        }

        foreach (
            var fault in (value, schema) switch
            {
                (JsonObject mapping, _) => mapping.SelectMany(entry => Member(entry.Key, entry.Value, schema, $"{path}.{entry.Key}", root)),
                (JsonArray list, { } s) when s["items"] is JsonObject items => list.SelectMany(
                    (item, i) => Faults(item, items, $"{path}[{i}]", root)
                ),
                _ => [],
            }
        )
            yield return fault;
    }

    private static IEnumerable<string> Member(string key, JsonNode? value, JsonObject schema, string path, JsonObject root) =>
        schema["properties"]?[key] is JsonObject known ? Faults(value, known, path, root)
        : schema["additionalProperties"] is JsonObject any ? Faults(value, any, path, root)
        : schema["additionalProperties"] is JsonValue allowed && !(bool)allowed ? [$"{path}: unknown key"]
        : [];

    private static double Number(JsonNode? node) => double.Parse(node!.ToJsonString(), CultureInfo.InvariantCulture);

    private static bool IsA(JsonNode? value, string type) =>
        type switch
        {
            "null" => value is null,
            "object" => value is JsonObject,
            "array" => value is JsonArray,
            "string" => value is JsonValue text && text.GetValueKind() == System.Text.Json.JsonValueKind.String,
            "boolean" => value is JsonValue flag
                && flag.GetValueKind() is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False,
            "number" => value is JsonValue number && number.GetValueKind() == System.Text.Json.JsonValueKind.Number,
            "integer" => IsA(value, "number") && double.IsInteger(Number(value)),
            _ => throw new NotSupportedException($"type {type}"),
        };
}
