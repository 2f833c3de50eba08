namespace GlifMl.Torch;

/// <summary>
/// Independent items of one kernel call. <see cref="Execute"/> may run on any thread and must not allocate managed memory.
/// </summary>
internal abstract class KernelWork
{
    public abstract int Items { get; }

    public abstract void Execute(int item);
}
