using Crispy.Console.Auditing;
using Crispy.Console.People;
using Crispy.Console.StreamHandles;
using Microsoft.AspNetCore.Components.Authorization;

namespace Crispy.Console.Access;

/// <summary>What a person does on a page: judged by their role and written into the audit log, as the API's requests are by
/// <see cref="Clerk"/>.</summary>
public sealed class Desk(AuthenticationStateProvider state, Accounts accounts, AuditLog audit, TimeProvider time)
{
    /// <summary>Who sits there.</summary>
    public async Task<Person> PersonAsync()
    {
        if (accounts.AllowsEverybody) return Person.Everybody;
        return Person.Of((await state.GetAuthenticationStateAsync()).User, accounts, time.GetUtcNow()) ?? Person.Nobody;
    }

    /// <summary>Whether they may.</summary>
    public async Task<bool> MayAsync(Operation operation) => (await PersonAsync()).Role >= operation.Least;

    /// <summary>Does something, if they may.</summary>
    /// <param name="operation">What.</param>
    /// <param name="about">Completes the entry: on what.</param>
    /// <param name="act">Does it.</param>
    /// <exception cref="RefusedException">They may not, the audit log takes no entry, or stream-handle refused.</exception>
    public async Task<T> DoAsync<T>(Operation operation, Func<AuditDraft, AuditDraft> about, Func<Task<T>> act)
    {
        ArgumentNullException.ThrowIfNull(operation);
        ArgumentNullException.ThrowIfNull(act);
        var person = await PersonAsync();
        var draft = about(new(person, operation.Action ?? AuditAction.Unknown));
        if (person.Role < operation.Least)
        {
            await audit.NoteAsync(draft with { Action = AuditAction.Refused, Detail = $"{ApiEnum.Name(draft.Action)} on a page" },
                StatusCodes.Status403Forbidden);
            throw new RefusedException(StatusCodes.Status403Forbidden,
                person.Role == Role.None ? "The session is over. Sign in again." : Clerk.Sentence(person, operation));
        }
        var begun = Begin(draft);
        var status = StatusCodes.Status500InternalServerError;
        try
        {
            var result = await act();
            status = StatusCodes.Status200OK;
            return result;
        }
        catch (RefusedException refused)
        {
            status = refused.Status;
            throw;
        }
        catch (Exception away) when (StreamHandleClient.IsNoAnswer(away, CancellationToken.None))
        {
            status = away is OperationCanceledException ? StatusCodes.Status504GatewayTimeout : StatusCodes.Status502BadGateway;
            throw;
        }
        finally
        {
            audit.End(begun, status);
        }
    }

    private AuditEntry Begin(AuditDraft draft)
    {
        try
        {
            return audit.Begin(draft);
        }
        catch (AuditException unable)
        {
            throw new RefusedException(StatusCodes.Status503ServiceUnavailable, unable.Message);
        }
    }
}
