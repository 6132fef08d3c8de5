from scoring.irt.exposure.control import band_of
exec(open('/tmp/t1.py').read().split("for bands,N")[0])
from scoring.irt.simulation.sequential import *
from scoring.irt.exposure.control import band_of

def rates(s,sel):
    A=np.zeros((sel.sum(),J),bool); p,q=np.nonzero(s.items[sel]>=0); A[p,s.items[sel][p,q]]=True; return A.mean(0)
for keep,bands in ((.999,()),(.999,(-.8,0.,.8)),(.9997,(-.8,0.,.8))):
    policy=Policy(stopping=Stopping(L,L),exposure=Exposure(ExposureMethod.ELIGIBILITY,.2,bands))
    th=np.random.default_rng(5).standard_normal(20000)
    s=simulate_in_sequence(pool,policy,th,1,block=100,keep=keep)
    i=np.arange(20000)
    g=band_of(th,bands)
    for x in range(len(bands)+1): print(keep,x,[np.sort(rates(s,(i>=lo)&(i<lo+4000)&(g==x)))[-4:].round(3) for lo in range(0,20000,4000)])
