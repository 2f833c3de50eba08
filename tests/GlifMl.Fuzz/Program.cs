using GlifMl.Tests.Datasets;
using GlifMl.Tests.Faults;
using SharpFuzz;

// seeds FOLDER        writes whole files of every kind, a folder a kind
// KIND NAME           reads what afl-fuzz hands over as a file of this name, as a command would; instrumented code runs in no other way
// read KIND FILE...   reads files, for instance those that were found
using TempFolder folder = new();
if (args is ["seeds", var target])
{
    foreach (var seeded in MutatedKind.All)
    {
        var place = Directory.CreateDirectory(Path.Combine(target, Word(seeded))).FullName;
        foreach (var (name, whole) in seeded.Seeds(folder))
            File.WriteAllBytes(Path.Combine(place, name), whole);
    }

    return 0;
}

var isRead = args is ["read", ..];
if (
    args[(isRead ? 1 : 0)..] is not [var word, .. { Length: > 0 } files]
    || MutatedKind.All.FirstOrDefault(k => Word(k) == word) is not { } kind
)
{
    var kinds = string.Join(", ", MutatedKind.All.Select(Word));
    Console.Error.WriteLine(
        $"found '{string.Join(' ', args)}'; expected seeds FOLDER, KIND NAME or read KIND FILE..., KIND one of {kinds}"
    );
    return 2;
}

if (isRead)
{
    foreach (var file in files)
        Console.WriteLine($"{file}: {Read(Path.GetFileName(file), File.ReadAllBytes(file))}");
}
else
{
    Fuzzer.OutOfProcess.Run(input => Read(files[0], Bytes(input)));
}

return 0;

// The name decides how a file is read.
string Read(string name, byte[] bytes)
{
    File.WriteAllBytes(folder[name], bytes);
    var (code, error) = kind.Read(folder[name]);
    return MutatedKind.Complaint(code, error) is { } complaint
        ? throw new InvalidOperationException(complaint)
        : $"exit code {code} {error.TrimEnd()}";
}

static byte[] Bytes(Stream input)
{
    using MemoryStream bytes = new();
    input.CopyTo(bytes);
    return bytes.ToArray();
}

static string Word(MutatedKind kind) => kind.Name.Replace(' ', '-');
