using System.Text.Json.Nodes;

namespace GlifMl.Pipelines;

/// <summary>
/// The JSON Schema of definitions that <c>glifml sweep</c> takes: that of plain ones, where every value may also be a list or a range of
/// values, and a step of the chain a list of choices.
/// </summary>
/// <remarks>It is a schema of its own, so that an editor marks a sweep in a definition that is to run as it stands.</remarks>
internal sealed class SweepJsonSchema
{
    private const string Chain = "pipeline",
        Step = "step",
        Range = "range";

    // What says which definition it is, and where it works, has one value.
    private static readonly string[] Single = ["extends", "name", "output", "data", "uses", SweepPoint.Key];

    private readonly JsonObject _definitions = [];
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    private SweepJsonSchema() { }

    /// <summary>The schema as the text of a file, ending with a line feed: <c>pipelines/sweep.schema.json</c>.</summary>
    /// <param name="catalog">The estimators that definitions may name.</param>
    public static string ToText(EstimatorCatalog catalog) => Create(catalog).ToJsonString(Json.Options) + "\n";

    /// <summary>Makes the schema.</summary>
    /// <param name="catalog">The estimators that definitions may name.</param>
    public static JsonObject Create(EstimatorCatalog catalog)
    {
        var schema = DefinitionJsonSchema.Create(catalog);
        schema["title"] = "GlifMl definition with sweeps";
        var sweeps = new SweepJsonSchema();
        sweeps._definitions[Range] = DefinitionJsonSchema.Record(catalog, typeof(SweepRange));
        sweeps.Within(schema, "");
        schema["properties"]![SweepPoint.Key] = DefinitionJsonSchema.Record(catalog, typeof(SweepDefinition));
        schema["definitions"] = sweeps._definitions;
        return schema;
    }

    /// <summary>Lets everything in a mapping or list be a sweep.</summary>
    private void Within(JsonObject schema, string path)
    {
        foreach (var (key, value) in schema["properties"]?.AsObject().ToArray() ?? [])
        {
            if (path.Length > 0 || !Single.Contains(key))
                schema["properties"]![key] = Sweepable(value!.AsObject(), path.Length == 0 ? key : $"{path}.{key}");
        }

        foreach (var each in (string[])["items", "additionalProperties"])
        {
            if (schema[each] is JsonObject item)
                schema[each] = Sweepable(item, path == Chain ? Step : $"{path}.each");
        }

        foreach (var alternative in schema["anyOf"]?.AsArray() ?? [])
            Within(alternative!.AsObject(), path);
    }

    /// <summary>A value, or several to be tried.</summary>
    private JsonObject Sweepable(JsonObject value, string path)
    {
        value = (JsonObject)value.DeepClone();
        Within(value, path);
        JsonNode? Said(string key)
        {
            var said = value[key]?.DeepClone();
            value.Remove(key);
            return said;
        }

        var (description, standard) = (Said("description"), Said("default"));
        var either = Either(Named(value, path));
        if (standard is not null)
            either["default"] = standard;
        if (description is not null)
            either["description"] = description;
        return either;
    }

    /// <summary>The name of a schema among the definitions, where equal ones stand once.</summary>
    private string Named(JsonObject value, string path)
    {
        var text = value.ToJsonString(Json.Options);
        if (_names.TryGetValue(text, out var known))
            return known;
        var name = path;
        for (var n = 2; _definitions.ContainsKey(name); n++)
            name = $"{path}.{n}";
        _names[text] = name;
        _definitions[name] = value;
        // A choice of a chain is a step, or several that follow one another.
        var choice = name == Step ? AnyOf(Reference(name), List(Either(name))) : Reference(name);
        _definitions[SweepOf(name)] = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                [SweepPoint.Key] = TakesNumbers(value) ? AnyOf(List(choice), Reference(Range)) : List(choice),
            },
            ["required"] = new JsonArray(SweepPoint.Key),
            ["additionalProperties"] = false,
        };
        return name;
    }

    private static bool TakesNumbers(JsonObject schema) =>
        schema["type"] switch
        {
            JsonArray types => types.Any(type => IsNumber((string)type!)),
            JsonValue type => IsNumber((string)type!),
            _ => schema["anyOf"]?.AsArray().Any(alternative => TakesNumbers(alternative!.AsObject())) == true,
        };

    private static bool IsNumber(string type) => type is "number" or "integer";

    private static JsonObject Either(string name) => AnyOf(Reference(name), Reference(SweepOf(name)));

    private static string SweepOf(string name) => $"{name}.{SweepPoint.Key}";

    private static JsonObject Reference(string name) => new() { ["$ref"] = $"#/definitions/{name}" };

    private static JsonObject AnyOf(params JsonObject[] alternatives) => new() { ["anyOf"] = new JsonArray([.. alternatives]) };

    private static JsonObject List(JsonObject items) =>
        new()
        {
            ["type"] = "array",
            ["minItems"] = 1,
            ["items"] = items,
        };
}
