using System.Globalization;

namespace GlifMl.Pipelines;

/// <summary>
/// One <c>--set key.path=value</c>. The path goes down mappings by key, down lists by position from 0, and into the chain by step name or
/// position: behind either stand the step's options. A key that is not there is added, for the binder to judge.
/// </summary>
internal sealed class SetOverride
{
    private readonly string[] _path;
    private readonly MarkedNode _value;
    private readonly SourceMark _mark;
    private readonly DefinitionFaults _faults;

    private SetOverride(string[] path, MarkedNode value, SourceMark mark, DefinitionFaults faults)
    {
        _path = path;
        _value = value;
        _mark = mark;
        _faults = faults;
    }

    /// <summary>Applies an override.</summary>
    /// <returns>The changed tree, or the same one after reporting a fault.</returns>
    public static MarkedNode.Mapping Apply(MarkedNode.Mapping root, string text, DefinitionFaults faults)
    {
        var mark = new SourceMark($"--set {text}", 0, 0);
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var path = equals < 0 ? [] : text[..equals].Trim().Split('.');
        if (path.Length == 0 || path.Contains(""))
        {
            faults.Add(mark, "expected key.path=value");
            return root;
        }
        if (path[0] == "extends")
        {
            faults.Add(mark, "found extends; expected another key, because what a definition extends is read before overrides");
            return root;
        }
        return MarkedNodeReader.Read(text[(equals + 1)..], _ => mark, faults) is { } value
            ? (MarkedNode.Mapping)new SetOverride(path, value, mark, faults).Change(root, 0)
            : root;
    }

    private MarkedNode Change(MarkedNode node, int depth)
    {
        if (depth == _path.Length)
            return _value;
        return node switch
        {
            MarkedNode.Mapping mapping => ChangeKey(mapping, depth),
            MarkedNode.Sequence chain when depth == 1 && _path[0] == "pipeline" => ChangeStep(chain),
            MarkedNode.Sequence list => ChangeItem(list, depth),
            MarkedNode.Scalar { IsNull: true } => ChangeKey(new([], _mark), depth),
            _ => Refuse(node, $"{Here(depth)}: found {node.Shown}; expected a mapping to set '{_path[depth]}' in"),
        };
    }

    private MarkedNode.Mapping ChangeKey(MarkedNode.Mapping mapping, int depth)
    {
        var inside = mapping[_path[depth]] ?? new MarkedNode.Mapping([], _mark);
        return mapping.With(new(_path[depth], _mark, Change(inside, depth + 1)));
    }

    private MarkedNode ChangeItem(MarkedNode.Sequence list, int depth)
    {
        if (Position(_path[depth]) is not { } position || position >= list.Items.Count)
            return Refuse(list, $"{Here(depth)}: found no '{_path[depth]}'; expected a position from 0 to {list.Items.Count - 1}");
        return Replace(list, position, Change(list.Items[position], depth + 1));
    }

    private MarkedNode ChangeStep(MarkedNode.Sequence chain)
    {
        var names = chain.Items.Select(StepName).ToList();
        var wanted = _path[1];
        var at = Position(wanted) ?? names.IndexOf(wanted);
        if (at < 0 || at >= names.Count)
        {
            var advice = UnknownName.Advice(wanted, [.. names.OfType<string>()]);
            return Refuse(
                chain,
                Position(wanted) is null
                    ? $"pipeline: found no step '{wanted}'; {advice}"
                    : $"pipeline: found no step {wanted}; expected a position from 0 to {names.Count - 1}"
            );
        }
        if (Position(wanted) is null && names.LastIndexOf(wanted) != at)
            return Refuse(chain, $"pipeline: found several steps '{wanted}'; expected one by its position, from 0");
        // By position alone the step itself is replaced; by name, its options.
        if (_path.Length == 2 && Position(wanted) is not null)
            return Replace(chain, at, _value);
        if (names[at] is not { } name)
            return Refuse(chain, $"pipeline.{at}: found {chain.Items[at].Shown}; expected a step to set '{_path[2]}' in");

        var step = chain.Items[at] as MarkedNode.Mapping ?? new MarkedNode.Mapping([], chain.Items[at].Mark);
        var options = step[name] ?? new MarkedNode.Mapping([], _mark);
        var keyMark = step.Entries is [var entry] ? entry.KeyMark : step.Mark;
        return Replace(chain, at, step.With(new(name, keyMark, Change(options, 2))));
    }

    private static string? StepName(MarkedNode step) =>
        step switch
        {
            MarkedNode.Scalar scalar => scalar.Text,
            MarkedNode.Mapping { Entries: [var only] } => only.Key,
            _ => null,
        };

    private static MarkedNode.Sequence Replace(MarkedNode.Sequence list, int position, MarkedNode item) =>
        list with
        {
            Items = [.. list.Items.Select((old, i) => i == position ? item : old)],
        };

    private static int? Position(string segment) =>
        int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position : null;

    private string Here(int depth) => string.Join('.', _path.Take(depth));

    private MarkedNode Refuse(MarkedNode unchanged, string message)
    {
        _faults.Add(_mark, message);
        return unchanged;
    }
}
