using System.Text.Json;
using TorchSharp;
using TorchSharp.Modules;

namespace GlifMl.Torch;

/// <summary>The files a person follows a run by: <c>training.jsonl</c>, one line an epoch, and TensorBoard events.</summary>
internal sealed class TrainingLog
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private readonly string _file;
    private readonly SummaryWriter _events;

    public TrainingLog(string directory)
    {
        Directory.CreateDirectory(directory);
        _file = Path.Combine(directory, "training.jsonl");
        _events = torch.utils.tensorboard.SummaryWriter(Path.Combine(directory, "tensorboard"), createRunName: false);
    }

    /// <summary>Writes the whole history, so that a resumed run's file reads like an unbroken one's.</summary>
    public void Write(IReadOnlyList<EpochRecord> history)
    {
        AtomicFile.Write(
            _file,
            stream =>
            {
                using var writer = new StreamWriter(stream, leaveOpen: true);
                foreach (var epoch in history)
                    writer.WriteLine(JsonSerializer.Serialize(epoch, Json));
            }
        );
        var last = history[^1];
        _events.add_scalar("loss/train", (float)last.TrainLoss, last.Epoch);
        if (last.ValidationLoss is { } validation)
            _events.add_scalar("loss/validation", (float)validation, last.Epoch);
        _events.add_scalar("learning_rate", (float)last.LearningRate, last.Epoch);
        _events.add_scalar("seconds/epoch", (float)last.Seconds, last.Epoch);
    }
}
