using MigrationHost.Databases;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace MigrationHost.EntityFramework;

/// <summary>Gives contexts as the application gets them, each in a scope of its own.</summary>
internal abstract class ContextSource(IServiceScopeFactory scopes, Type type)
{
    /// <summary>The context's type.</summary>
    public Type Type => type;

    /// <summary>Does something with a context.</summary>
    /// <remarks>What else is in its scope may know asynchronous disposal only.</remarks>
    /// <exception cref="InvalidOperationException">There is none, or it cannot be made.</exception>
    /// <exception cref="ConnectionLostException">It asks its server when it is made, and that does not answer.</exception>
    public T With<T>(Func<DbContext, T> work) => WithAsync(context => Task.FromResult(work(context))).GetAwaiter().GetResult();

    /// <inheritdoc cref="With{T}(Func{DbContext, T})"/>
    public async Task<T> WithAsync<T>(Func<DbContext, Task<T>> work)
    {
        var scope = scopes.CreateAsyncScope();
        await using var disposed = scope.ConfigureAwait(false);
        var (context, isOurs) = Asking(() => Create(scope.ServiceProvider));
        try
        {
            // Its OnConfiguring runs when it is used for the first time.
            Asking(() => context.GetInfrastructure());
            return await work(context).ConfigureAwait(false);
        }
        finally
        {
            if (isOurs)
                await context.DisposeAsync().ConfigureAwait(false);
        }
    }

    private T Asking<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (Exception e) when (DriverErrors.SaysNotThere(e))
        {
            throw new ConnectionLostException($"{Type.Name} asks it when it is made: {OtherErrors.Words(e)}", e)
            {
                Remedy = "Start the server, or correct the connection string.",
            };
        }
    }

    /// <returns>A context, and whether it is the caller's to dispose: the scope's own goes with the scope.</returns>
    protected abstract (DbContext Context, bool IsOurs) Create(IServiceProvider services);
}

/// <inheritdoc/>
/// <typeparam name="TContext">The context.</typeparam>
internal sealed class ContextSource<TContext>(IServiceScopeFactory scopes) : ContextSource(scopes, typeof(TContext))
    where TContext : DbContext
{
    protected override (DbContext Context, bool IsOurs) Create(IServiceProvider services) =>
        services.GetService<TContext>() is { } context ? (context, false)
        : services.GetService<IDbContextFactory<TContext>>() is { } factory ? (factory.CreateDbContext(), true)
        : throw new InvalidOperationException(
            $"{typeof(TContext).Name} is not registered: call AddDbContext<{typeof(TContext).Name}>(…), or AddDbContextFactory");
}
